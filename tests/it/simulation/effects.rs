//! What a write makes of a state.

use std::collections::BTreeMap;
use std::rc::Rc;

use oneroster::roster::Action;
use oneroster::roster::head::LostPromises;

use super::clock::Micros;
use super::database::{Draft, Generation, Head, Row, State};
use super::folder::{Entered, Recovered, enter};
use super::source::{Informat, Source, Username, allocate};

/// A load brings all of Informat and makes username records for those who lack one; returns those.
pub(super) fn import(source: &mut Source, informat: Rc<Informat>) -> Vec<(u32, Username)> {
    let mut made = Vec::new();
    for &number in informat.pupils.keys() {
        if !source.usernames.contains_key(&number) {
            let username = Username {
                name: allocate(&source.usernames, number),
                released: number % 7 != 3,
            };
            Rc::make_mut(&mut source.usernames).insert(number, username);
            made.push((number, username));
        }
    }
    source.usernames_version += i64::from(!made.is_empty());
    source.mirror = informat;
    source.mirror_version += 1;
    made
}

/// Lets what is published next follow what was lost, as `roster::head::follow_lost` does.
pub(super) fn follow_lost(head: &mut Head, lost: LostPromises) {
    head.tickets_until = head.tickets_until.max(lost.until);
    head.tickets_signed = head.tickets_signed.max(lost.until);
    head.redates |= lost.generations;
}

/// Makes again what was lost, as `audit.replay` does.
pub(super) fn recover(state: &mut State, recovered: Recovered, now: Micros) {
    for entered in recovered.entries {
        match &entered {
            Entered::Published(..) => {}
            Entered::Usernames(made) => make_again(Rc::make_mut(&mut state.source.usernames), made),
            Entered::Format(format) => state.source.format = *format,
        }
        enter(&mut state.trail, now, entered);
    }
    follow_lost(&mut state.head, recovered.lost);
    state.source.usernames_version += 1;
    state.source.configuration_version += 1;
}

/// Gives people their lost names again. Who was given one of them before the loss was seen gets another, from somebody at a desk.
fn make_again(usernames: &mut BTreeMap<u32, Username>, made: &[(u32, Username)]) {
    for &(number, username) in made {
        usernames.insert(number, username);
        let others = usernames
            .iter()
            .filter(|(other, held)| **other != number && held.name == username.name);
        let others: Vec<u32> = others.map(|(other, _)| *other).collect();
        for other in others {
            let name = allocate(usernames, other);
            usernames.entry(other).and_modify(|held| held.name = name);
        }
    }
}

pub(super) fn publish(state: &mut State, draft: Draft) {
    let objects = Rc::make_mut(&mut state.objects);
    for (place, change) in draft.changes.into_iter().enumerate() {
        let rows = objects.entry((change.kind, change.sourced_id)).or_default();
        let mut last = None;
        if change.action != Action::Added {
            let row = rows.last_mut().unwrap();
            row.until = Some(draft.number);
            last = Some((Rc::clone(&row.content), row.hash));
        }
        if change.action == Action::Purged {
            continue;
        }
        let (content, hash) = match change.content {
            Some((content, hash)) => (Rc::from(content), hash),
            None => last.unwrap(),
        };
        rows.push(Row {
            from: draft.number,
            until: None,
            status: change.status,
            content,
            hash,
            date: draft.dates[place],
        });
    }
    Rc::make_mut(&mut state.generations).push(Generation {
        id: draft.generation_id,
        number: draft.number,
        date: draft.date,
        committed_at: draft.dated_at,
    });
    state.head = Head {
        generation_id: Some(draft.generation_id),
        number: draft.number,
        published_at: Some(draft.date),
        redates: state.head.redates && !draft.redate,
        ..state.head.clone()
    };
    state.evaluation = Some(draft.inputs.versions);
}
