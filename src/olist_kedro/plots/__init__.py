"""The pictures of the segmentation: one module a kind of picture, each a pure function that returns a Figure.

The functions take pandas frames as the segmentation writes them and never touch pyplot: they work in any
thread, with any backend, and leave no open figure behind. Importing a drawing module imports matplotlib.
"""
