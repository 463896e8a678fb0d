"""Delete from scraped text what is not the article, by rules that anyone can read, test and add."""

__version__ = "0.1.0"
