"""What makes a segmentation: transforms, clusters, their number, names, stable ids and validation.

Pure functions on frames and arrays; `pipelines/som_kmeans` puts them in order.
"""
