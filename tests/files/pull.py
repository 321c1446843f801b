"""A full pull over HTTP, and the part of it that an export of some or all schools must hold."""
import json
import re
from collections import defaultdict

from table import WHITE

KINDS = ("orgs", "users", "classes", "courses", "academicSessions", "enrollments")
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]+")


def cleaned(value):
    """Accepted forms of a text: a run of control characters is one space, or each of them is."""
    return frozenset((CONTROLS.sub(" ", value).strip(WHITE),
                      CONTROLS.sub(lambda run: " " * len(run.group()), value).strip(WHITE)))


class Texts:
    """Texts as the files may hold them; remembers which objects were changed by cleaning."""

    def __init__(self):
        self.owners, self.ids, self.cells = set(), set(), 0

    def __call__(self, value, owner, row=None):
        value = value or ""
        forms = cleaned(value)
        if forms != {value}:
            self.owners.add(owner)
            self.ids.update((owner, row or owner))
            self.cells += 1
        return forms


def ref(value):
    return value["sourcedId"] if value else ""


def refs(values):
    return tuple(value["sourcedId"] for value in values or ())


def is_true(value):
    return value is True or value == "true"


class Pull:
    """Active objects by kind and id, of all schools or of those chosen."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as handle:
            document = json.load(handle)
        missing = [kind for kind in KINDS if not isinstance(document.get(kind), list)]
        if missing:
            raise ValueError(f"{path}: lacks {', '.join(missing)}")
        self.all_ids = {item["sourcedId"] for kind in KINDS for item in document[kind]}
        self.kinds = {kind: {item["sourcedId"]: item for item in document[kind]
                             if item.get("status", "active") != "tobedeleted"} for kind in KINDS}
        self.chosen = None
        self.everything = self.kinds
        self.may_also = defaultdict(set)     # kind -> ids that may stand in the files too
        self._link()

    def _link(self):
        self.of_class, self.of_user = defaultdict(list), defaultdict(list)
        for enrollment in self.kinds["enrollments"].values():
            self.of_class[ref(enrollment["class"])].append(enrollment)
            self.of_user[ref(enrollment["user"])].append(enrollment)

    def __getitem__(self, kind):
        return self.kinds[kind]

    def choose(self, orgs):
        """Only these schools, with every person and object that they need."""
        unknown = [org for org in orgs if org not in self.kinds["orgs"]]
        if unknown:
            raise ValueError(f"no such org in the pull: {', '.join(unknown)}")
        kinds, self.chosen = self.kinds, set(orgs)
        classes = {key: item for key, item in kinds["classes"].items()
                   if ref(item["school"]) in self.chosen}
        enrollments = {key: item for key, item in kinds["enrollments"].items()
                       if ref(item["class"]) in classes}
        members = {ref(item["user"]) for item in enrollments.values()}
        courses = {ref(item.get("course")) for item in classes.values()}
        terms = {term for item in classes.values() for term in refs(item.get("terms"))}
        self.may_also["academicSessions"] = set(kinds["academicSessions"])
        self.may_also["orgs"] = self._ancestors(self.chosen)
        self.may_also["courses"] = {key for key, item in kinds["courses"].items()
                                    if ref(item.get("org")) in self.chosen}
        self.kinds = {
            "orgs": {key: kinds["orgs"][key] for key in self.chosen},
            "users": {key: item for key, item in kinds["users"].items()
                      if key in members or self.chosen & set(refs(item.get("orgs")))},
            "classes": classes, "enrollments": enrollments,
            "courses": {key: item for key, item in kinds["courses"].items() if key in courses},
            "academicSessions": {key: item for key, item in kinds["academicSessions"].items()
                                 if key in terms},
        }
        self._link()

    def _ancestors(self, orgs):
        found, todo = set(), list(orgs)
        while todo:
            parent = ref(self.kinds["orgs"].get(todo.pop(), {}).get("parent"))
            if parent and parent in self.kinds["orgs"] and parent not in found:
                found.add(parent)
                todo.append(parent)
        return found

    def offered(self, kind):
        """Objects that must stand in the files, and those that may stand there too."""
        extra = {key: self.everything[kind][key] for key in self.may_also[kind]}
        return {**extra, **self.kinds[kind]}

    def optional(self, kind):
        return self.may_also[kind] - set(self.kinds[kind])

    def user_orgs(self, user):
        """The user's orgs inside the export, in the order served; the first is his home."""
        return tuple(org for org in refs(user.get("orgs")) if org in self.kinds["orgs"])

    def schools_of_memberships(self, user):
        """Where somebody stands who has no org of his own in the export."""
        classes = {ref(item["class"]) for item in self.of_user[user["sourcedId"]]}
        return sorted({ref(self.kinds["classes"][key]["school"])
                       for key in classes if key in self.kinds["classes"]})

    def home(self, user):
        """Accepted home orgs."""
        own = self.user_orgs(user)
        return frozenset(own[:1] or self.schools_of_memberships(user))

    def is_staff(self, user):
        return user["role"] != "student"

    def is_staff_and_pupil(self, user):
        return self.is_staff(user) and any(
            item["role"] == "student" for item in self.of_user[user["sourcedId"]])
