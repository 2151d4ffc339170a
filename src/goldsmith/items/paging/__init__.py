"""Pages of PDF, TIFF and BMP files as pictures: made in a process of their own, with caps on its time and memory."""

from goldsmith.items.paging.calling import PagedFile, PageFile, is_pdf, is_rendered, render_pages

__all__ = ["PageFile", "PagedFile", "is_pdf", "is_rendered", "render_pages"]
