"""Parts of pages that several pages show, or that are a page's section.

Knows everything in this folder but the pages.
"""
