product = MS365 usernames
skip-to-content = Skip to content
menu = Menu
needs-javascript = This page needs JavaScript. Switch JavaScript on in your browser and load the page again.
landing-title = OneRoster for Informat
landing-desk = Check and release usernames
landing-docs = API documentation
