guide-title = Handleiding
