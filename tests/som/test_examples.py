"""The examples in the docstrings give what they say."""

import doctest

import pytest

from olist_kedro.som import batch, measures


@pytest.mark.parametrize("module", [batch, measures])
def test_examples(module):
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0
