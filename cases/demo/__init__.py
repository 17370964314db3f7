"""The demo: 军粮城街道 with invented grids, people and cases, made by the product's own verbs.

Only the names and codes of the district, the street and its communities are real (data/).
"""
