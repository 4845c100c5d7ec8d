"""Everything a village owns, in one file it can keep and read without this program: /village/export.zip"""
