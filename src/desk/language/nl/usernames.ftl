usernames-title = Gebruikersnamen
usernames-no-rights-title = Je hebt hier geen rechten
usernames-no-rights-words = Je ziet gebruikersnamen zodra je rechten hebt op een school of vestiging met een actieve koppeling met MS365. Vraag ze aan de beheerder van je school.
usernames-selected = { $count } geselecteerd
