//! The list of operations.

use oneroster_standard::{Kind, ObjectType};

use super::{Operation, Parent, Referred, Relation, Target, View};
use crate::auth::Scope;

/// Base endpoints open with either roster scope: consumers ask for one and read both (OneRoster 1.1 §9.1).
const BASE: &[Scope] = &[Scope::RosterCore, Scope::Roster];
const ROSTER: &[Scope] = &[Scope::Roster];
const DEMOGRAPHICS_ONLY: &[Scope] = &[Scope::Demographics];
const RESOURCE_ONLY: &[Scope] = &[Scope::Resource];

const fn view(name: &'static str, kind: Kind) -> View {
    View {
        name,
        object_type: ObjectType::Published(kind),
        only: None,
        also: None,
    }
}

const fn part(name: &'static str, kind: Kind, field: &'static str, word: &'static str) -> View {
    View {
        only: Some((field, word)),
        ..view(name, kind)
    }
}

const ACADEMIC_SESSIONS: View = view("academic session", Kind::AcademicSessions);
/// A session in which classes are given is a term, whatever its type: consumers go from a school to its terms to their classes.
const TERMS: View = View {
    also: Some(&Referred {
        by: Kind::Classes,
        field: "terms",
        only: None,
    }),
    ..part("term", Kind::AcademicSessions, "type", "term")
};
const GRADING_PERIODS: View = part("grading period", Kind::AcademicSessions, "type", "gradingPeriod");
const ORGS: View = view("org", Kind::Orgs);
const SCHOOLS: View = part("school", Kind::Orgs, "type", "school");
const COURSES: View = view("course", Kind::Courses);
const CLASSES: View = view("class", Kind::Classes);
const USERS: View = view("user", Kind::Users);
const STUDENTS: View = part("student", Kind::Users, "role", "student");
const TEACHERS: View = part("teacher", Kind::Users, "role", "teacher");
/// Who is enrolled as a student can be read as one, and so for teachers: one may be both, and has one role.
const STUDENT: View = View {
    also: Some(&Referred {
        by: Kind::Enrollments,
        field: "user",
        only: Some(("role", "student")),
    }),
    ..STUDENTS
};
const TEACHER: View = View {
    also: Some(&Referred {
        by: Kind::Enrollments,
        field: "user",
        only: Some(("role", "teacher")),
    }),
    ..TEACHERS
};
const ENROLLMENTS: View = view("enrollment", Kind::Enrollments);
const DEMOGRAPHICS: View = View {
    name: "demographics",
    object_type: ObjectType::Demographics,
    only: None,
    also: None,
};
const RESOURCES: View = View {
    name: "resource",
    object_type: ObjectType::Resource,
    only: None,
    also: None,
};

const fn parent(view: View) -> Parent {
    Parent { view, within: None }
}

const OF_SCHOOL: &[Parent] = &[parent(SCHOOLS)];
const OF_CLASS_IN_SCHOOL: &[Parent] = &[
    parent(SCHOOLS),
    Parent {
        view: CLASSES,
        within: Some("school"),
    },
];
const OF_TERM: &[Parent] = &[parent(TERMS)];
const OF_COURSE: &[Parent] = &[parent(COURSES)];
const OF_CLASS: &[Parent] = &[parent(CLASSES)];
const OF_STUDENT: &[Parent] = &[parent(STUDENT)];
const OF_TEACHER: &[Parent] = &[parent(TEACHER)];
const OF_USER: &[Parent] = &[parent(USERS)];

const fn through_enrollments(from: &'static str, to: &'static str, role: Option<&'static str>) -> Relation {
    Relation::Through {
        kind: Kind::Enrollments,
        from,
        to,
        only: match role {
            Some(role) => Some(("role", role)),
            None => None,
        },
    }
}

/// Who is a student or teacher of a class is said by the enrollment, not by the user: one may be both.
const STUDENTS_OF_CLASS: Relation = through_enrollments("class", "user", Some("student"));
const TEACHERS_OF_CLASS: Relation = through_enrollments("class", "user", Some("teacher"));
const CLASSES_OF_STUDENT: Relation = through_enrollments("user", "class", Some("student"));
const CLASSES_OF_TEACHER: Relation = through_enrollments("user", "class", Some("teacher"));
const CLASSES_OF_USER: Relation = through_enrollments("user", "class", None);
/// A session has no org: the terms of a school are those of its classes.
const TERMS_OF_SCHOOL: Relation = Relation::Through {
    kind: Kind::Classes,
    from: "school",
    to: "terms",
    only: None,
};

const fn entry(id: &'static str, template: &'static str, view: View, summary: &'static str) -> Operation {
    Operation {
        id,
        summary,
        template,
        view,
        target: Target::Collection,
        scopes: BASE,
    }
}

const fn single(id: &'static str, template: &'static str, view: View, summary: &'static str) -> Operation {
    Operation {
        target: Target::Single,
        ..entry(id, template, view, summary)
    }
}

const fn association(
    id: &'static str,
    template: &'static str,
    view: View,
    parents: &'static [Parent],
    link: Relation,
    summary: &'static str,
) -> Operation {
    Operation {
        target: Target::Association { parents, link },
        scopes: ROSTER,
        ..entry(id, template, view, summary)
    }
}

const fn opened_by(scopes: &'static [Scope], operation: Operation) -> Operation {
    Operation { scopes, ..operation }
}

/// The operations.
#[rustfmt::skip]
pub static OPERATIONS: &[Operation] = &[
    // Rostering, base (OneRoster 1.1 §1.1).
    entry("getAllAcademicSessions", "/academicSessions", ACADEMIC_SESSIONS, "All academic sessions"),
    single("getAcademicSession", "/academicSessions/{id}", ACADEMIC_SESSIONS, "An academic session"),
    entry("getAllTerms", "/terms", TERMS, "The academic sessions that classes are given in, or of type term"),
    single("getTerm", "/terms/{id}", TERMS, "An academic session that classes are given in, or of type term"),
    entry("getAllGradingPeriods", "/gradingPeriods", GRADING_PERIODS, "The academic sessions of type gradingPeriod"),
    single("getGradingPeriod", "/gradingPeriods/{id}", GRADING_PERIODS, "An academic session of type gradingPeriod"),
    entry("getAllOrgs", "/orgs", ORGS, "All orgs"),
    single("getOrg", "/orgs/{id}", ORGS, "An org"),
    entry("getAllSchools", "/schools", SCHOOLS, "The orgs of type school"),
    single("getSchool", "/schools/{id}", SCHOOLS, "An org of type school"),
    entry("getAllCourses", "/courses", COURSES, "All courses"),
    single("getCourse", "/courses/{id}", COURSES, "A course"),
    entry("getAllClasses", "/classes", CLASSES, "All classes"),
    single("getClass", "/classes/{id}", CLASSES, "A class"),
    entry("getAllEnrollments", "/enrollments", ENROLLMENTS, "All enrollments"),
    single("getEnrollment", "/enrollments/{id}", ENROLLMENTS, "An enrollment"),
    entry("getAllUsers", "/users", USERS, "All users"),
    single("getUser", "/users/{id}", USERS, "A user"),
    entry("getAllStudents", "/students", STUDENTS, "The users with role student"),
    single("getStudent", "/students/{id}", STUDENT, "A user with role student, or enrolled as student"),
    entry("getAllTeachers", "/teachers", TEACHERS, "The users with role teacher"),
    single("getTeacher", "/teachers/{id}", TEACHER, "A user with role teacher, or enrolled as teacher"),
    opened_by(DEMOGRAPHICS_ONLY, entry("getAllDemographics", "/demographics", DEMOGRAPHICS, "Demographics: none are held, always empty")),
    opened_by(DEMOGRAPHICS_ONLY, single("getDemographics", "/demographics/{id}", DEMOGRAPHICS, "Demographics of a user: none are held, always 404")),
    // Rostering, associations (§1.2).
    association("getCoursesForSchool", "/schools/{id}/courses", COURSES, OF_SCHOOL, Relation::Field("org"), "The courses of a school"),
    association("getClassesForSchool", "/schools/{school_id}/classes", CLASSES, OF_SCHOOL, Relation::Field("school"), "The classes of a school"),
    association("getEnrollmentsForSchool", "/schools/{school_id}/enrollments", ENROLLMENTS, OF_SCHOOL, Relation::Field("school"), "The enrollments at a school"),
    association("getStudentsForSchool", "/schools/{school_id}/students", STUDENTS, OF_SCHOOL, Relation::Field("orgs"), "The users with role student who belong to a school"),
    association("getTeachersForSchool", "/schools/{school_id}/teachers", TEACHERS, OF_SCHOOL, Relation::Field("orgs"), "The users with role teacher who belong to a school"),
    association("getTermsForSchool", "/schools/{school_id}/terms", ACADEMIC_SESSIONS, OF_SCHOOL, TERMS_OF_SCHOOL, "The academic sessions that the classes of a school are given in"),
    association("getEnrollmentsForClassInSchool", "/schools/{school_id}/classes/{class_id}/enrollments", ENROLLMENTS, OF_CLASS_IN_SCHOOL, Relation::Field("class"), "The enrollments in a class of a school"),
    association("getStudentsForClassInSchool", "/schools/{school_id}/classes/{class_id}/students", USERS, OF_CLASS_IN_SCHOOL, STUDENTS_OF_CLASS, "The users enrolled as student in a class of a school"),
    association("getTeachersForClassInSchool", "/schools/{school_id}/classes/{class_id}/teachers", USERS, OF_CLASS_IN_SCHOOL, TEACHERS_OF_CLASS, "The users enrolled as teacher in a class of a school"),
    association("getClassesForTerm", "/terms/{term_id}/classes", CLASSES, OF_TERM, Relation::Field("terms"), "The classes given in a term"),
    association("getGradingPeriodsForTerm", "/terms/{term_id}/gradingPeriods", GRADING_PERIODS, OF_TERM, Relation::Field("parent"), "The grading periods of a term"),
    association("getClassesForCourse", "/courses/{course_id}/classes", CLASSES, OF_COURSE, Relation::Field("course"), "The classes of a course"),
    association("getClassesForStudent", "/students/{student_id}/classes", CLASSES, OF_STUDENT, CLASSES_OF_STUDENT, "The classes that a user is enrolled in as student"),
    association("getClassesForTeacher", "/teachers/{teacher_id}/classes", CLASSES, OF_TEACHER, CLASSES_OF_TEACHER, "The classes that a user is enrolled in as teacher"),
    association("getClassesForUser", "/users/{user_id}/classes", CLASSES, OF_USER, CLASSES_OF_USER, "The classes that a user is enrolled in, in any role"),
    association("getStudentsForClass", "/classes/{class_id}/students", USERS, OF_CLASS, STUDENTS_OF_CLASS, "The users enrolled as student in a class"),
    association("getTeachersForClass", "/classes/{class_id}/teachers", USERS, OF_CLASS, TEACHERS_OF_CLASS, "The users enrolled as teacher in a class"),
    // Resources (§1.3).
    opened_by(RESOURCE_ONLY, entry("getAllResources", "/resources", RESOURCES, "Learning resources: none are held, always empty")),
    opened_by(RESOURCE_ONLY, single("getResource", "/resources/{id}", RESOURCES, "A learning resource: none are held, always 404")),
    opened_by(RESOURCE_ONLY, association("getResourcesForCourse", "/courses/{course_id}/resources", RESOURCES, OF_COURSE, Relation::None, "The learning resources of a course: none are held")),
    opened_by(RESOURCE_ONLY, association("getResourcesForClass", "/classes/{class_id}/resources", RESOURCES, OF_CLASS, Relation::None, "The learning resources of a class: none are held")),
];
