"""The pull that belongs to the exports of the self-test: objects as the API serves them."""

STAMP = "2024-09-02T06:00:00.000Z"


def _ref(kind, key):
    return {"href": f"https://roster.example/ims/oneroster/v1p1/{kind}/{key}", "sourcedId": key,
            "type": {"orgs": "org", "users": "user", "classes": "class", "courses": "course",
                     "academicSessions": "academicSession"}[kind]}


def _base(key, status="active"):
    return {"sourcedId": key, "status": status, "dateLastModified": STAMP, "metadata": {}}


def _org(key, name):
    return {**_base(key), "name": name, "type": "school", "identifier": key, "children": []}


def _user(key, role, username, given, family, orgs, status="active"):
    return {**_base(key, status), "username": username, "userIds": [], "enabledUser": "true",
            "givenName": given, "familyName": family, "role": role, "identifier": key,
            "agents": [], "orgs": [_ref("orgs", org) for org in orgs], "grades": []}


def _class(key, title, code, org):
    return {**_base(key), "title": title, "classCode": code, "classType": "homeroom",
            "grades": [], "subjects": [], "course": _ref("courses", key),
            "school": _ref("orgs", org), "terms": [_ref("academicSessions", "2024-25")],
            "subjectCodes": [], "periods": []}


def _course(key, title, code, org):
    return {**_base(key), "title": title, "courseCode": code, "grades": [], "subjects": [],
            "org": _ref("orgs", org), "schoolYear": _ref("academicSessions", "2024-25")}


def _enrollment(user, klas, org, role, begin, primary=None, status="active"):
    item = {**_base(f"{user}-{klas[-1]}", status), "user": _ref("users", user),
            "class": _ref("classes", klas), "school": _ref("orgs", org), "role": role,
            "beginDate": begin}
    if role == "student":
        item["endDate"] = "2025-06-30"
    if primary is not None:
        item["primary"] = primary
    return item


DORP, ZUID = "001507-1", "001507-2"
CLASSES = [("c-01", "2024-25 1A - Dorp", "1A", DORP),
           ("c-02", "2024-25 1B/2B\t- Dorp", "1B", DORP),
           ("c-03", "2024-25 3A, latijn - Zuid", "3A", ZUID),
           ("c-04", "2024-25 3B - Zuid", "3B", ZUID)]


def pull():
    return {
        "orgs": [_org(DORP, "001507 - Zandpoort - Dorp"),
                 _org(ZUID, '001507 - Zandpoort, campus "Zuid"')],
        "academicSessions": [{
            **_base("2024-25"), "title": "Schooljaar 2024-25", "type": "schoolYear",
            "startDate": "2024-09-01", "endDate": "2025-06-30", "schoolYear": "2025",
            "children": []}],
        "courses": [_course(*row) for row in CLASSES],
        "classes": [_class(*row) for row in CLASSES],
        "users": [
            _user("p-01", "student", "lukasz.oneil", "Łukasz", 'O"Neil', [DORP]),
            _user("p-02", "student", "miajo.peeters", "Mia\u2028Jo", "Peeters", [DORP]),
            _user("p-03", "student", "noor.11", "Noor", "=1+1", [ZUID, DORP]),
            _user("p-09", "student", "weg.weg", "Weg", "Weg", [DORP], "tobedeleted"),
            _user("t-01", "teacher", "an.claes", "An", "Claes", [DORP, ZUID]),
            _user("t-02", "teacher", "bert.dewit", "Bert", "De Wit, junior", [DORP]),
            _user("t-03", "teacher", "cis.daems", "Cis", "Daems", [DORP]),
            _user("t-04", "teacher", "dirk.engels", "Dirk", "Engels", [DORP]),
            _user("t-05", "teacher", "els.faes", "Els", "Faes", [ZUID]),
            _user("t-06", "teacher", "fien", "Fien", "-", [ZUID]),
        ],
        "enrollments": [
            _enrollment("p-01", "c-01", DORP, "student", "2024-09-01"),
            _enrollment("p-02", "c-01", DORP, "student", "2024-09-01"),
            _enrollment("p-03", "c-02", DORP, "student", "2024-09-01"),
            _enrollment("p-03", "c-03", ZUID, "student", "2024-09-01"),
            _enrollment("p-09", "c-01", DORP, "student", "2024-09-01", status="tobedeleted"),
            _enrollment("t-01", "c-01", DORP, "teacher", "2024-09-01", "true"),
            _enrollment("t-01", "c-02", DORP, "teacher", "2024-10-01", "false"),
            _enrollment("t-02", "c-01", DORP, "student", "2024-09-02"),
            _enrollment("t-02", "c-02", DORP, "teacher", "2024-09-01", "true"),
            _enrollment("t-03", "c-02", DORP, "teacher", "2024-09-01", "false"),
            _enrollment("t-04", "c-02", DORP, "teacher", "2024-09-01", "false"),
            _enrollment("t-05", "c-02", DORP, "teacher", "2024-11-01", "false"),
            _enrollment("t-05", "c-04", ZUID, "teacher", "2024-09-01", "true"),
        ],
    }
