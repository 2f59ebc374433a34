"""Where the nine raw files come from: a folder or zip, Kaggle, or the synthetic generator."""
