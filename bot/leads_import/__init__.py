"""`leads import`: any CRM's export, read twice without ever being in memory, and written in small chunks.

Read in this order: file (lines and cells), mapping (columns and statuses), dates, cells, rows (what a row says), run.
"""

from bot.leads_import.run import Report, Wanted, import_file

__all__ = ["Report", "Wanted", "import_file"]
