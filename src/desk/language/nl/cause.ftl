cause-person-gone = staat niet meer in Informat
cause-no-username = heeft nog geen gebruikersnaam
cause-sync-off = Sync staat uit
cause-domain-unknown = er is geen domein bekend voor de gebruikersnaam
cause-no-registration = geen inschrijving in schooljaar { $year }
cause-not-registered-at = niet meer ingeschreven in { $org }
cause-registration-ended = laatste dag van de inschrijving in { $org }: { $day }
cause-registration-to-come = de inschrijving in { $org } begint op { $day }
cause-registration-not-realised = de inschrijving in { $org } is niet gerealiseerd
cause-no-assignment = geen opdracht meer
cause-assignment-ended = { $grace ->
    [0] laatste dag van de opdracht: { $day }
    [one] laatste dag van de opdracht: { $day }, daarna nog 1 dag meegeteld
   *[other] laatste dag van de opdracht: { $day }, daarna nog { $grace } dagen meegeteld
}
cause-assignment-to-come = de opdracht begint op { $day }
cause-site-gone = { $org } staat niet meer in Informat
cause-site-inactive = { $org } is niet meer in gebruik in Informat
cause-site-not-named = { $org } is niet gekoppeld
cause-site-link-off = de koppeling van { $org } staat uit
cause-user-not-published = de persoon gaat niet meer naar Microsoft
cause-class-not-published = de klas gaat niet meer naar Microsoft
cause-left-class = laatste dag in de klas: { $day }
cause-class-to-come = pas in de klas vanaf { $day }
cause-not-in-class = zit volgens Informat niet meer in de klas
cause-teaching-ended = laatste dag als klastitularis: { $day }
cause-teaching-to-come = pas klastitularis vanaf { $day }
cause-not-class-teacher = is volgens Informat geen klastitularis meer
cause-class-gone = de klas staat niet meer in Informat
cause-other-school-year = hoort niet bij { $year }, het actieve schooljaar
cause-registered = ingeschreven in { $org } vanaf { $day }
cause-assigned-since = opdracht in { $org } vanaf { $day }
cause-assigned = opdracht in { $org }
