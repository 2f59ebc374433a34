"""Olist's e-commerce data, from raw CSVs to a star schema and to customer segments."""

__version__ = "0.1.0"
