"""Human words for features and numbers: labels, units and number formats (imports no matplotlib)."""

import math
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

MISSING = "n/a"


class FeatureLabel(BaseModel):
    """How a feature is called and written in pictures and reports."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str = Field(min_length=1, description="name for humans, e.g. 'Spend'")
    unit: str = Field(default="", description="short unit, e.g. 'days', 'R$', '%'")
    unit_first: bool = Field(default=False, description="write the unit before the number, as for money")
    factor: float = Field(
        default=1.0, gt=0, description="multiplies the value, e.g. 100 for a share in percent"
    )
    decimals: int = Field(default=0, ge=0, le=6)

    @property
    def heading(self) -> str:
        """Label with its unit, for axes and column heads."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    def number(self, value: float) -> str:
        """The value without its unit; "n/a" where there is none."""
        if not math.isfinite(value):
            return MISSING
        text = f"{value * self.factor:,.{self.decimals}f}"
        return text.removeprefix("-") if float(text.replace(",", "")) == 0 else text

    def mean(self, value: float) -> str:
        """A mean without its unit, with three digits: means of small counts differ behind the point."""
        if not math.isfinite(value):
            return MISSING
        size = abs(value * self.factor)
        decimals = 2 if size < 9.995 else 1 if size < 99.95 else 0
        return self.with_decimals(max(self.decimals, decimals)).number(value)

    def value(self, value: float) -> str:
        """The value with its unit, for running text: no zeros behind the point."""
        number = self.number(value)
        return self._with_unit(number.rstrip("0").rstrip(".") if "." in number else number)

    def mean_value(self, value: float) -> str:
        """A mean with its unit, for running text."""
        return self._with_unit(self.mean(value))

    def _with_unit(self, number: str) -> str:
        if not self.unit or number == MISSING:
            return number
        if self.unit_first:
            return f"{self.unit} {number}"
        return f"{number}{'' if self.unit == '%' else ' '}{self.unit}"

    def with_decimals(self, decimals: int) -> "FeatureLabel":
        """The same label with another number of decimals."""
        return self.model_copy(update={"decimals": decimals})


def label_for(feature: str, labels: Mapping[str, FeatureLabel]) -> FeatureLabel:
    """The label of a feature; for one without an entry its column name, made readable."""
    if feature in labels:
        return labels[feature]
    words = feature.replace("_", " ").strip()
    return FeatureLabel(label=words[:1].upper() + words[1:] or feature, decimals=2)


def format_share(share: float) -> str:
    """A share (0 to 1) in percent, with as many digits as it needs."""
    if not math.isfinite(share):
        return MISSING
    percent = 100 * share
    if 0 < percent < 0.1:
        return "<0.1%"
    return f"{percent:.1f}%" if 0 < percent < 9.95 else f"{percent:.0f}%"


def format_count(count: float) -> str:
    """A count with thousands separators."""
    return f"{int(count):,}"
