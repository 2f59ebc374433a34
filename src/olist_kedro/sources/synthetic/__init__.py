"""Synthetic raw files in the original's format, with its statistics and its kinds of dirt.

The figures that the generator follows are in `states`, `categories` and `statistics`: aggregated figures of
the Brazilian E-Commerce Public Dataset by Olist, CC BY-NC-SA 4.0, and no row, key, comment or seller of it.
"""

from olist_kedro.sources.synthetic.generator import DIRT_FROM, generate_files

__all__ = ["DIRT_FROM", "generate_files"]
