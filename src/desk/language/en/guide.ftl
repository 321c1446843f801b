guide-title = Guide (in Dutch)
