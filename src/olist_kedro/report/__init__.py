"""The segmentation report: one HTML file that needs no network; no Kedro in here."""
