usernames-title = Usernames
usernames-no-rights-title = You have no rights here
usernames-no-rights-words = You see usernames once you have rights on a school or site with an active link to MS365. Ask the manager of your school for them.
usernames-selected = { $count } selected
