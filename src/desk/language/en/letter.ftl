letter-over = This is so no longer. There is nothing left to do.
letter-over-subject = Solved: { $subject }
letter-end = This message of { $name } was sent automatically. Overview and explanation: { $address }
letter-held-subject = A publication is held
letter-held-body =
    The latest data from Informat would change too much at once, and are therefore not sent to Microsoft 365 yet. What is there stays.
    Look in the overview what would change, and correct it in Informat or release it.
letter-names-waiting-subject = { $count ->
        [one] One username waits to be looked at
       *[other] { $count } usernames wait to be looked at
    }
letter-names-waiting-body = Whoever waits for an answer gets no account in Microsoft 365 yet. The other names are in use: see whether they are right. They are on the page Usernames.
letter-findings-subject = { $count ->
        [one] Microsoft would refuse one thing
       *[other] Microsoft would refuse { $count } things
    }
letter-findings-body = Correct them in Informat. The overview says which they are and what to do.
letter-flow-ends-subject = The synchronisation with Microsoft ends
letter-flow-ends-body =
    The synchronisation in School Data Sync has an end date, 30 June. After it nothing changes in Microsoft 365 any more.
    In August, for the new school year, make a new synchronisation or prolong this one.
letter-next-year-subject = The new school year is not ready
letter-next-year-body =
    The active school year is still the last one. What to do now: check the classes and registrations of the new school year in Informat,
    check the new usernames, and ask the operator to activate the new school year. Then set the end date in School Data Sync to 30 June.
