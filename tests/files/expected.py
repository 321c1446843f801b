"""What an export must hold according to the pull, in the shape of the rebuilt model.

An attribute that is a frozenset lists the accepted values.
"""
import itertools

from cells import read_date
from pull import ref, refs

MODEL_KINDS = {"schools": "orgs", "sessions": "academicSessions", "courses": "courses"}


def expect(name, pull, texts, delta=False):
    """(model, keys that need not stand in the files by kind, class ids left out)."""
    left_out = {}
    if name in ("sds-v1", "sds-v1-uk"):
        model = _v1(pull, texts)
    elif name == "sds-v2.1":
        model = _v21(pull, texts)
    elif name == "oneroster-csv":
        model = _oneroster(pull, texts, delta)
    else:
        model, left_out = _clever(pull, texts)
    optional = {kind: pull.optional(source) for kind, source in MODEL_KINDS.items()}
    return model, optional, left_out


def _people(pull, texts):
    """One row per person: V1, UK and Clever."""
    people = {}
    for key, user in pull["users"].items():
        files = ("teachers",) if pull.is_staff(user) else ("students",)
        if pull.is_staff_and_pupil(user):
            files = ("students", "teachers")
        people[key] = {
            "files": files, "school": pull.home(user), "given": texts(user["givenName"], key),
            "family": texts(user["familyName"], key), "username": texts(user["username"], key),
        }
    return people


def _memberships(pull, classes):
    return {(ref(item["class"]), ref(item["user"]), item["role"]): {}
            for item in pull["enrollments"].values() if ref(item["class"]) in classes}


def _terms(pull, klas, texts):
    """The sessions of a class; a format with one term per class may name any of them."""
    terms = [pull["academicSessions"][term] for term in refs(klas.get("terms"))
             if term in pull["academicSessions"]]
    titles = frozenset().union(
        *(texts(term["title"], term["sourcedId"], klas["sourcedId"]) for term in terms))
    return terms, titles or frozenset(("",))


def _v1(pull, texts):
    classes = {}
    for key, klas in pull["classes"].items():
        course = pull["courses"].get(ref(klas.get("course")), {})
        terms, titles = _terms(pull, klas, texts)
        classes[key] = {
            "school": ref(klas["school"]), "title": texts(klas["title"], key),
            "code": texts(klas.get("classCode"), key),
            "term": frozenset((term["sourcedId"], term["startDate"], term["endDate"])
                              for term in terms) or ("", "", ""),
            "term title": titles, "course": course.get("sourcedId", ""),
            "course title": texts(course.get("title"), course.get("sourcedId"), key),
            "course code": texts(course.get("courseCode"), course.get("sourcedId"), key),
        }
    return {
        "schools": {key: {"name": texts(org["name"], key), "number": key.partition("-")[0]}
                    for key, org in pull.offered("orgs").items()},
        "people": _people(pull, texts), "classes": classes,
        "memberships": _memberships(pull, classes),
    }


def _v21_roles(pull, user):
    """One row per org, the home org primary."""
    def rows(orgs, home):
        return tuple(sorted((org, user["role"], "TRUE" if org == home else "FALSE")
                            for org in orgs))
    own = pull.user_orgs(user)
    if own:
        return rows(own, own[0])
    schools = pull.schools_of_memberships(user)
    subsets = itertools.chain.from_iterable(
        itertools.combinations(schools, size) for size in range(1, len(schools) + 1))
    return frozenset(rows(subset, home) for subset in subsets for home in subset)


def _v21(pull, texts):
    classes = {key: {
        "school": ref(klas["school"]), "title": texts(klas["title"], key),
        "terms": refs(klas.get("terms")), "course": ref(klas.get("course")),
    } for key, klas in pull["classes"].items()}
    return {
        "schools": {key: {"name": texts(org["name"], key), "type": org["type"]}
                    for key, org in pull.offered("orgs").items()},
        "people": {key: {
            "username": texts(user["username"], key), "given": texts(user["givenName"], key),
            "family": texts(user["familyName"], key), "roles": _v21_roles(pull, user),
        } for key, user in pull["users"].items()},
        "classes": classes, "memberships": _memberships(pull, classes),
        "sessions": {key: {
            "title": texts(session["title"], key), "type": session["type"],
            "year": session["schoolYear"], "dates": (session["startDate"], session["endDate"]),
        } for key, session in pull.offered("academicSessions").items()},
        "courses": {key: {
            "school": ref(course.get("org")), "title": texts(course["title"], key),
            "code": texts(course.get("courseCode"), key), "year": ref(course.get("schoolYear")),
        } for key, course in pull.offered("courses").items()},
    }


def _boolean(value):
    return value if isinstance(value, str) else {None: "", True: "true", False: "false"}[value]


def _user_ids(user):
    return ",".join("{%s:%s}" % (item.get("type", ""), item["identifier"])
                    for item in user.get("userIds") or ())


def _oneroster_user(pull, user, texts):
    key = user["sourcedId"]
    own, schools = pull.user_orgs(user), pull.schools_of_memberships(user)
    orgs = ",".join(own) if own else frozenset(
        ",".join(subset) for size in range(1, len(schools) + 1)
        for subset in itertools.combinations(schools, size))
    # Users that the API serves without enabledUser still need a value in the file.
    enabled = _boolean(user.get("enabledUser")) or frozenset(("true", "false"))
    return {
        "enabledUser": enabled, "orgSourcedIds": orgs, "role": user["role"],
        "username": texts(user["username"], key), "userIds": texts(_user_ids(user), key),
        "givenName": texts(user["givenName"], key), "familyName": texts(user["familyName"], key),
        "middleName": texts(user.get("middleName"), key),
        "identifier": texts(user.get("identifier"), key),
        "email": "", "sms": "", "phone": "", "agentSourcedIds": "", "grades": "", "password": "",
    }


def _oneroster(pull, texts, delta):
    def text(item, field):
        value = item.get(field)
        return texts(",".join(value) if isinstance(value, list) else value, item["sourcedId"])

    def rows(kind, build):
        return {key: {"status": "active" if delta else "",
                      "dateLastModified": item["dateLastModified"] if delta else "",
                      **build(item)} for key, item in pull.offered(kind).items()}

    return {
        "schools": rows("orgs", lambda item: {
            "name": text(item, "name"), "type": item["type"],
            "identifier": text(item, "identifier"), "parentSourcedId": ref(item.get("parent"))}),
        "people": rows("users", lambda item: _oneroster_user(pull, item, texts)),
        "classes": rows("classes", lambda item: {
            "title": text(item, "title"), "grades": "",
            "courseSourcedId": ref(item.get("course")), "classCode": text(item, "classCode"),
            "classType": item["classType"], "location": text(item, "location"),
            "schoolSourcedId": ref(item["school"]),
            "termSourcedIds": ",".join(refs(item.get("terms"))),
            "subjects": text(item, "subjects"), "subjectCodes": text(item, "subjectCodes"),
            "periods": text(item, "periods")}),
        "memberships": rows("enrollments", lambda item: {
            "classSourcedId": ref(item["class"]), "schoolSourcedId": ref(item["school"]),
            "userSourcedId": ref(item["user"]), "role": item["role"],
            "primary": _boolean(item.get("primary")), "beginDate": item.get("beginDate", ""),
            "endDate": item.get("endDate", "")}),
        "sessions": rows("academicSessions", lambda item: {
            "title": text(item, "title"), "type": item["type"], "startDate": item["startDate"],
            "endDate": item["endDate"], "parentSourcedId": ref(item.get("parent")),
            "schoolYear": item["schoolYear"]}),
        "courses": rows("courses", lambda item: {
            "schoolYearSourcedId": ref(item.get("schoolYear")), "title": text(item, "title"),
            "courseCode": text(item, "courseCode"), "grades": "",
            "orgSourcedId": ref(item.get("org")), "subjects": text(item, "subjects"),
            "subjectCodes": text(item, "subjectCodes")}),
    }


def _clever_teachers(teachers):
    """(accepted columns, everybody): the primary one, then the others by beginDate and id.

    Where an empty beginDate stands is not said: first and last are both accepted.
    """
    primary = [ref(item["user"]) for item in teachers if item.get("primary") in (True, "true")]
    orders = set()
    for empty in ("", "9999-99-99"):
        others = sorted((item.get("beginDate") or empty, ref(item["user"])) for item in teachers)
        order = primary[:1] + [key for _, key in others if key not in primary[:1]]
        orders.add(tuple(dict.fromkeys(order)))
    return frozenset(order[:4] for order in orders), orders


def _clever_date(value):
    return read_date(value, "iso").strftime("%m/%d/%Y")


def _clever(pull, texts):
    classes, left = {}, {"no primary": set(), "no pupils": set(), "five teachers": set()}
    memberships = {}
    for key, klas in pull["classes"].items():
        teachers = [item for item in pull.of_class[key] if item["role"] == "teacher"]
        pupils = [item for item in pull.of_class[key] if item["role"] == "student"]
        has_primary = any(item.get("primary") in (True, "true") for item in teachers)
        if not has_primary:
            left["no primary"].add(key)
        if not pupils:
            left["no pupils"].add(key)
        if not has_primary or not pupils:
            continue
        columns, orders = _clever_teachers(teachers)
        if len(next(iter(orders))) > 4:
            left["five teachers"].add(key)
        terms, titles = _terms(pull, klas, texts)
        classes[key] = {
            "school": ref(klas["school"]), "title": texts(klas["title"], key),
            "code": texts(klas.get("classCode"), key),
            "term": frozenset((_clever_date(term["startDate"]), _clever_date(term["endDate"]))
                              for term in terms) or ("", ""),
            "term title": titles, "teachers": columns,
        }
        memberships.update({(key, ref(item["user"]), "student"): {} for item in pupils})
    return {
        "schools": {key: {"name": texts(org["name"], key)}
                    for key, org in pull.offered("orgs").items()},
        "people": _people(pull, texts), "classes": classes, "memberships": memberships,
    }, left
