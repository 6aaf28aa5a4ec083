"""Work that outlives a program: workbooks under way, their solves and plans, on disk and in processes of their own."""
