"""Names in their spellings, and the countries of the world.

Knows the schema only.
Doors: spellings.pairs, countries.country_of.
"""
