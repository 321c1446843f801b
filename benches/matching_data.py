"""Generates for `matching.py` a list of people, a file of Microsoft accounts, and the truth of who is who.

Everyone of the list is hard to recognise in one way, in fixed shares. What an export may hold (columns, format, encoding, classes
of this year or of the last one) changes with the seed. Nothing here is shared with the program that is measured.
"""

import csv
import io
import json
import random
import re
import unicodedata

from matching_names import ACCENTED_FAMILY, ACCENTED_GIVEN, CALLED, FAMILY, GIVEN, MADE, SEVERAL_GIVEN

# Difficulty, and its share of everyone who has an account. Married names are those of staff.
SHARES = {"same": 50, "nickname": 10, "order": 10, "cut": 8, "married": 4, "accents": 6, "suffix": 4, "typo": 3, "namesake": 5}

# Of everyone in the list, those who have no account; and of these, those whose name is that of a leaver, or of somebody in the list.
NEW, NEW_AS_LEAVER, NEW_AS_OTHER = 0.12, 0.12, 0.10

ORIGINS = ["flemish"] * 60 + ["particle"] * 14 + ["moroccan"] * 10 + ["turkish"] * 5 + ["french"] * 3 + ["polish"] * 3
ORIGINS += ["romanian"] * 2 + ["african"] * 2 + ["asian"] * 1

CYRILLIC = dict(zip("абвгдезийклмнопрстуфыэцкё", "a b v g d e z i y k l m n o p r s t u f y e ts k e".split(" ")))
CYRILLIC |= {"ю": "yu", "я": "ya", "ч": "ch", "ж": "zh", "х": "kh", "ш": "sh", "щ": "shch", "ь": "", "ъ": ""}


def plain(text):
    """Letters as the school's own system writes a username: accents off, everything else out."""
    text = text.replace("ß", "ss").replace("æ", "ae").replace("ø", "o").replace("ł", "l").replace("Ł", "L").replace("ı", "i")
    text = text.replace("Đ", "D").replace("đ", "d").replace("Ø", "O").replace("Æ", "AE")
    text = unicodedata.normalize("NFKD", text).lower()
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return re.sub(r"-+", "-", re.sub(r"[^a-z0-9-]", "", re.sub(r"\s*-\s*", "-", text))).strip("-")


class Person:
    """Somebody of the list or not, with the account they have if any."""

    def __init__(self, given, family, is_staff, rng):
        self.given, self.family, self.is_staff = given, family, is_staff
        year = rng.randint(1960, 2001) if is_staff else rng.randint(2008, 2020)
        self.born = f"{year}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        grade = 1 if is_staff else max(1, min(12, 2027 - year - 6))
        letter = rng.choice("ABCDE")
        self.school_class = "" if is_staff else f"{grade}{letter}"
        self.class_before = "" if is_staff else f"{max(1, grade - 1)}{rng.choice('ABCDE')}"
        self.id = "%08x-%04x-4%03x-a%03x-%012x" % tuple(rng.getrandbits(bits) for bits in (32, 16, 12, 12, 48))
        self.difficulty, self.username, self.account = "", "", None


def name_of(origin, rng):
    given = GIVEN["flemish" if origin == "particle" else origin]
    family = rng.choice(MADE) if origin == "flemish" and rng.random() < 0.6 else rng.choice(FAMILY[origin])
    return rng.choice(given), family.replace("_", " ")


def random_name(rng):
    given, family = name_of(rng.choice(ORIGINS), rng)
    if rng.random() < 0.06:
        given = rng.choice(SEVERAL_GIVEN)
    if rng.random() < 0.05:
        family = rng.choice(FAMILY["double"]).replace("_", " ")
    return given, family


def typed_wrong(text, rng):
    at = rng.randrange(1, max(2, len(text) - 1))
    kind = rng.choice(["swap", "drop", "double", "other"])
    if kind == "swap":
        at = min(at, len(text) - 2)
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == "drop":
        return text[:at] + text[at + 1 :]
    if kind == "double":
        return text[:at] + text[at] + text[at:]
    return text[:at] + rng.choice("aeiourstnlk") + text[at + 1 :]


def cut(given, family, rng):
    """A name as somebody shortened it; None where nothing can be cut."""
    parts = re.split(r"[ -]+|(?<=')", family)
    if rng.random() < 0.2 and re.search(r"[ -]", given):
        return re.split(r"[ -]", given)[0], family
    if len(parts) < 2:
        return None
    low = parts[0].lower()
    if re.match(r"^(van|de|d'|den|der|'t|ter|op|le|du|vanden|ver|el|ben|ait)$", low):
        kept = [part for part in parts if not re.match(r"^(van|de|d'|den|der|'t|ter|op|le|du|la|vanden|ver|el|ben|ait)$", part.lower())]
        choice = rng.random()
        if choice < 0.6 and kept:
            return given, " ".join(kept)
        return given, "".join(part[0] for part in parts[:-1]) + parts[-1]
    return given, parts[0] if rng.random() < 0.75 else parts[-1]


class School:
    """The list and the accounts of one seed."""

    def __init__(self, seed, people=5000, accounts=8000):
        self.rng = random.Random(seed)
        self.seed, self.size = seed, people
        rng = self.rng
        self.format = ["entra", "centre", "graph", "entra-nl"][seed % 4]
        self.has_class = rng.random() < 0.6
        self.class_is_old = rng.random() < 0.4
        self.has_birth = self.format == "graph" and rng.random() < 0.4
        self.pupils_apart = rng.random() < 0.6
        self.staff_domain = "zandpoort.example"
        self.pupil_domain = "leerling.zandpoort.example" if self.pupils_apart else self.staff_domain
        self.shape = rng.choice(["{g}.{f}", "{g}.{f}", "{f}.{g}", "{g}_{f}"])
        self.people, self.used, self.accounts = [], set(), []
        self.make_people()
        self.make_accounts()
        self.fill_up(accounts)
        rng.shuffle(self.people)
        rng.shuffle(self.accounts)

    def make_people(self):
        rng = self.rng
        names = [name for name in SHARES for _ in range(SHARES[name])]
        while len(self.people) < self.size:
            difficulty = "new" if rng.random() < NEW else rng.choice(names)
            is_staff = difficulty == "married" or rng.random() < 0.09
            given, family = self.name_for(difficulty)
            person = Person(given, family, is_staff, rng)
            person.difficulty = difficulty
            self.people.append(person)
            if not is_staff and rng.random() < 0.25:
                self.add_relative(person)
        taken = set()
        for person in self.people:
            base = self.username(plain(person.given), plain(person.family)) or "u" + str(rng.randrange(10**6))
            name, number = base, 1
            while name in taken:
                number += 1
                name = f"{base}{number}"
            taken.add(name)
            person.username = name

    def username(self, given, family):
        return self.shape.replace("{g}", given).replace("{f}", family).strip("._")

    def name_for(self, difficulty):
        rng = self.rng
        given, family = random_name(rng)
        if difficulty == "nickname":
            given = rng.choice(CALLED).split(":")[0]
        elif difficulty == "accents":
            if rng.random() < 0.6:
                given = rng.choice(ACCENTED_GIVEN).split(":")[0]
            else:
                family = rng.choice(ACCENTED_FAMILY).split(":")[0]
        elif difficulty == "cut":
            family = rng.choice(FAMILY["particle"] + FAMILY["double"]).replace("_", " ")
        elif rng.random() < 0.05:
            given = rng.choice(ACCENTED_GIVEN[:20]).split(":")[0]
        return given, family

    def add_relative(self, person):
        """A brother, a sister or a twin, whose given name may be much like theirs."""
        rng = self.rng
        given = rng.choice(GIVEN["flemish"])
        if rng.random() < 0.3:
            near = [name for name in GIVEN["flemish"] if name[:2] == person.given[:2] and name != person.given]
            given = rng.choice(near) if near else given
        if given == person.given:
            return
        other = Person(given, person.family, False, rng)
        other.difficulty = "same"
        if rng.random() < 0.15:
            other.born, other.school_class = person.born, person.school_class
        self.people.append(other)

    def unused(self, base):
        names, number = {person.username for person in self.people}, 2
        while f"{base}{number}" in names:
            number += 1
        return f"{base}{number}"

    # Accounts

    def make_accounts(self):
        rng = self.rng
        for person in self.people:
            if person.difficulty in ("new", "namesake"):
                continue
            self.account_of(person)
        for person in [person for person in self.people if person.difficulty == "namesake"]:
            self.namesake(person)
        for person in [person for person in self.people if person.difficulty == "new"]:
            choice = rng.random()
            if choice < NEW_AS_LEAVER:
                person.difficulty = "new, a leaver's name"
                self.leaver_of_name(person)
            elif choice < NEW_AS_LEAVER + NEW_AS_OTHER:
                person.difficulty = "new, somebody's name"
                other = rng.choice([other for other in self.people if other.account and other.difficulty == "same"])
                person.given, person.family = other.given, other.family
                # They got the name first; whose account it is does not change.
                person.username, other.username = other.username, self.unused(other.username)
                other.difficulty = "suffix"

    def domain(self, is_staff):
        return self.staff_domain if is_staff else self.pupil_domain

    def free(self, local, domain):
        name, number = local, 1
        while f"{name}@{domain}".lower() in self.used:
            number += 1
            name = f"{local}{number}"
        self.used.add(f"{name}@{domain}".lower())
        return f"{name}@{domain}"

    def account_of(self, person):
        rng = self.rng
        given, family, local = person.given, person.family, person.username
        shown_given, shown_family = given, family
        kind = person.difficulty
        if kind == "nickname":
            given = shown_given = rng.choice([pair.split(":")[1] for pair in CALLED if pair.split(":")[0] == person.given] or ["Jo"])
            local = self.username(plain(given), plain(family))
        elif kind == "order":
            shapes = ["{f}.{g}", "{g}.{f}", "{g}_{f}", "{g}{f}", "{f}{g}", "{g}-{f}", "{f}_{g}", "{i}.{f}", "{i}{f}", "{f}.{i}"]
            shape = rng.choice([shape for shape in shapes if shape != self.shape])
            local = shape.replace("{g}", plain(given)).replace("{f}", plain(family)).replace("{i}", plain(given)[:1])
        elif kind == "cut":
            shown_given, shown_family = given, family = cut(given, family, rng) or (given, family)
            if rng.random() < 0.3:
                shown_given, shown_family = person.given, person.family
            local = self.username(plain(given), plain(family))
        elif kind == "married":
            family = shown_family = name_of(rng.choice(["flemish", "flemish", "particle"]), rng)[1]
            if rng.random() < 0.25:
                shown_family = f"{person.family}-{family}"
            local = self.username(plain(given), plain(family))
        elif kind == "accents":
            spelt = dict.fromkeys([given], given)
            given = rng.choice([pair.split(":")[1] for pair in ACCENTED_GIVEN if pair.split(":")[0] == given] or list(spelt))
            family = rng.choice([pair.split(":")[1] for pair in ACCENTED_FAMILY if pair.split(":")[0] == family] or [family])
            if rng.random() < 0.5:
                shown_given, shown_family = given, family
            local = self.username(plain(given), plain(family))
        elif kind == "suffix":
            base = self.username(plain(given), plain(family))
            local = base + rng.choice(["1", "2", "3", "01", ".2", "_2", person.born[:4], person.born[2:4], "." + person.school_class.lower() + "1"])
        elif kind == "typo":
            wrong = rng.choice(["given", "family"])
            if wrong == "given" and len(given) > 3:
                given = typed_wrong(given, rng)
            else:
                family = typed_wrong(family, rng)
            if rng.random() < 0.5:
                shown_given, shown_family = given, family
            local = self.username(plain(given), plain(family))
        person.account = self.add(local, shown_given, shown_family, person)

    def namesake(self, person):
        """The name that the person gets is an account of somebody with the same name, who is in the list or not."""
        rng = self.rng
        other = Person(person.given, person.family, rng.random() < 0.15, rng)
        base = self.username(plain(person.given), plain(person.family)) or person.username
        if rng.random() < 0.5:
            other.difficulty, other.username = "namesake", self.unused(person.username)
            self.people.append(other)
        other.account = self.add(base, person.given, person.family, other)
        person.account = self.add(base + rng.choice(["2", "3", "." + person.school_class.lower()]).strip("."), person.given, person.family, person)
        if rng.random() < 0.3:
            person.account["enabled"] = True

    def leaver_of_name(self, person):
        """Somebody of the same name who left; something in the export says so."""
        rng = self.rng
        trace = rng.choice(["blocked", "blocked", "department", "shown", "kind"])
        other = Person(person.given, person.family, not person.is_staff if trace == "kind" else person.is_staff, rng)
        account = self.add(person.username, person.given, person.family, other)
        if trace == "blocked":
            account["enabled"] = False
        elif trace == "department":
            account["department"] = rng.choice(["Oud-leerlingen", "Uitgeschreven", "Alumni 2024", "Uit dienst"])
        elif trace == "shown":
            account["displayName"] = rng.choice(["{} (oud)", "ZZ {}", "OUD - {}", "{} (uitgeschreven)"]).format(account["displayName"])
        else:
            account["title"] = "Leerkracht" if other.is_staff else "Leerling"
            account["licence"] = self.licence(other.is_staff)

    def licence(self, is_staff):
        return "Office 365 A1 for faculty" if is_staff else "Office 365 A1 for students"

    def add(self, local, given, family, person):
        rng = self.rng
        upn = self.free(local, self.domain(person.is_staff))
        shown = f"{family} {given}" if rng.random() < 0.25 else f"{given} {family}"
        if rng.random() < 0.03:
            shown = f"{family}, {given}"
        has_parts = rng.random() < 0.7
        of_class = person.class_before if self.class_is_old else person.school_class
        if rng.random() < 0.05:
            of_class = rng.choice(["", "OKAN", person.class_before])
        account = {
            "upn": upn, "displayName": shown, "given": given if has_parts else "", "family": family if has_parts else "",
            "mail": upn if rng.random() < 0.7 else "", "id": "%08x-0000-4000-8000-%012x" % (rng.getrandbits(32), rng.getrandbits(48)),
            "userType": "Member", "enabled": rng.random() > 0.01, "synced": rng.random() < 0.1,
            "department": (("Personeel" if person.is_staff else of_class) if self.has_class else ""),
            "title": ("Leerkracht" if person.is_staff else "Leerling") if rng.random() < 0.4 else "",
            "licence": self.licence(person.is_staff) if rng.random() < 0.8 else "Unlicensed",
            "born": person.born if self.has_birth and rng.random() < 0.7 else "",
            "aliases": [upn],
        }
        if rng.random() < 0.05:
            account["aliases"].append(self.free("alias." + local, self.domain(person.is_staff)))
        if rng.random() < 0.008:
            damage = rng.choice([lambda text: text.encode().decode("cp1252", "replace"), lambda text: re.sub("[^ -~]", "?", text)])
            account["displayName"] = damage(account["displayName"])
        self.accounts.append(account)
        return account

    def fill_up(self, wanted):
        """Leavers, guests, administrators, shared mailboxes and rooms."""
        rng = self.rng
        staff = [person for person in self.people if person.is_staff]
        for person in rng.sample(staff, min(len(staff), 25)):
            local = rng.choice(["admin.{}", "adm-{}", "{}.admin", "{}-adm", "beheer.{}"]).format(person.username)
            account = self.add(local, person.given, person.family, person)
            account["upn"] = account["upn"].split("@")[0] + "@zandpoort.onmicrosoft.com"
            account["aliases"], account["licence"], account["mail"] = [], "Unlicensed", ""
            if rng.random() < 0.6:
                account["displayName"] += rng.choice([" (admin)", " - beheer", " ADM"])
        for shared in ["secretariaat", "directie", "info", "scanner", "lokaal.12", "boekhouding", "noreply", "leerlingenraad", "clb", "test.leerling"]:
            person = Person("", shared.title(), True, rng)
            self.add(shared, "", shared.title(), person)
        listed = {frozenset([plain(person.given), plain(person.family)]) for person in self.people}
        while len(self.accounts) < wanted:
            given, family = random_name(rng)
            person = Person(given, family, rng.random() < 0.1, rng)
            if rng.random() < 0.15:
                upn = f"{plain(given)}.{plain(family)}_gmail.com#EXT#@zandpoort.onmicrosoft.com"
                if upn.lower() in self.used:
                    continue
                self.used.add(upn.lower())
                account = self.add("guest", given, family, person)
                account |= {"upn": upn, "userType": "Guest", "licence": "Unlicensed", "aliases": []}
            else:
                if any(existing in self.used for existing in [f"{self.username(plain(given), plain(family))}@{self.domain(person.is_staff)}"]):
                    continue
                account = self.add(self.username(plain(given), plain(family)), given, family, person)
                account["enabled"] = rng.random() < 0.3
                # Nobody could tell a leaver from somebody of the list who has the same name, if the export did not.
                is_namesake = frozenset([plain(given), plain(family)]) in listed
                if account["enabled"] and (is_namesake or rng.random() < 0.6):
                    account["department"] = "Oud-leerlingen"

    # Files

    def people_file(self):
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["id", "username", "given", "family", "born", "kind", "classes"])
        for person in self.people:
            kind = "staff" if person.is_staff else "pupil"
            writer.writerow([person.id, person.username, person.given, person.family, person.born, kind, person.school_class])
        return out.getvalue().encode()

    def accounts_file(self):
        rng = self.rng
        if self.format == "graph":
            pages = [self.accounts[at : at + 999] for at in range(0, len(self.accounts), 999)]
            documents = [{"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users", "value": [self.graph(a) for a in page]} for page in pages]
            return "\n".join(json.dumps(document, ensure_ascii=rng.random() < 0.5) for document in documents).encode()
        columns, row = {"entra": self.entra, "centre": self.centre, "entra-nl": self.entra_nl}[self.format]()
        order = list(range(len(columns)))
        rng.shuffle(order)
        out = io.StringIO()
        writer = csv.writer(out, delimiter=rng.choice([",", ";", "\t"]))
        writer.writerow([columns[place] for place in order])
        for account in self.accounts:
            cells = row(account)
            writer.writerow([cells[place] for place in order])
        return out.getvalue().encode(rng.choice(["utf-8", "utf-8-sig", "utf-16"]))

    def entra(self):
        columns = ["userPrincipalName", "displayName", "surname", "givenName", "mail", "id", "userType", "jobTitle", "department", "accountEnabled"]
        columns += ["usageLocation", "streetAddress", "state", "country", "officeLocation", "city", "postalCode", "telephoneNumber", "mobilePhone", "directorySynced", "createdDateTime"]
        return columns, lambda a: [a["upn"], a["displayName"], a["family"], a["given"], a["mail"], a["id"], a["userType"], a["title"], a["department"], str(a["enabled"]), "BE", "", "", "Belgium", "", "", "", "", "", str(a["synced"]), "2023-09-01T10:00:00Z"]

    def centre(self):
        columns = ["Block credential", "City", "Country/Region", "Department", "DirSyncEnabled", "Display name", "Fax", "First name", "Last name", "Licenses"]
        columns += ["Mobile Phone", "Object Id", "Office", "Phone number", "Proxy addresses", "Title", "Usage location", "User principal name", "When created"]
        return columns, lambda a: [str(not a["enabled"]), "", "", a["department"], str(a["synced"]), a["displayName"], "", a["given"], a["family"], a["licence"], "", a["id"], "", "", "+".join(("SMTP:" if at == 0 else "smtp:") + alias for at, alias in enumerate(a["aliases"])), a["title"], "BE", a["upn"], "2023-09-01 10:00:00Z"]

    def entra_nl(self):
        columns = ["User principal name", "Weergavenaam", "Achternaam", "Voornaam", "E-mail", "Object-id", "Gebruikerstype", "Functie", "Afdeling", "Account ingeschakeld", "Adreslijstsynchronisatie ingeschakeld"]
        word = lambda value: "Ja" if value else "Nee"
        return columns, lambda a: [a["upn"], a["displayName"], a["family"], a["given"], a["mail"], a["id"], {"Member": "Lid", "Guest": "Gast"}[a["userType"]], a["title"], a["department"], word(a["enabled"]), word(a["synced"])]

    def graph(self, a):
        user = {"userPrincipalName": a["upn"], "displayName": a["displayName"], "surname": a["family"] or None, "givenName": a["given"] or None}
        user |= {"mail": a["mail"] or None, "id": a["id"], "userType": a["userType"], "accountEnabled": a["enabled"], "jobTitle": a["title"] or None}
        user |= {"department": a["department"] or None, "onPremisesSyncEnabled": a["synced"] or None, "assignedLicenses": []}
        user |= {"proxyAddresses": [("SMTP:" if at == 0 else "smtp:") + alias for at, alias in enumerate(a["aliases"])]}
        if a["born"]:
            user["birthday"] = a["born"] + "T00:00:00Z"
        return user

    def truth(self):
        """For each person: what is hard, and their account, if they have one."""
        return {person.id: (person.difficulty, person.account["upn"] if person.account else None) for person in self.people}
