"""BatchSOM keeps scikit-learn's conventions."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from olist_kedro.som import BatchSOM


@parametrize_with_checks(
    [
        # As many neurons as the checks' groups, so that neurons stand for clusters.
        BatchSOM(rows=1, columns=3, epochs=(20,), sigma_end=0.1),
        BatchSOM(rows=1, columns=3, epochs=(20,), sigma_end=0.1, search="numpy", output="distances"),
        BatchSOM(rows=2, columns=2, topology="hexagonal", toroid=True, epochs=(20,), sigma_end=0.1),
    ]
)
def test_keeps_the_conventions(estimator, check):
    check(estimator)
