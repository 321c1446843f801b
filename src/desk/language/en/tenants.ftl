tenants-title = All schools
tenants-count = { $count ->
    [one] 1 school group
   *[other] { $count } school groups
  }
tenants-search = Search by name or id
tenants-search-button = Search
tenants-none = No school group found
tenants-none-help = Search for another part of the name, or make a school group by the command “oneroster tenant apply”.
tenants-name = School group
tenants-state = State
tenants-school-year = School year
tenants-import = Last imported
tenants-publication = Last published
tenants-pull = Last read
tenants-unserved = Names never served
tenants-next-change = Next change
tenants-never = never yet
tenants-fine = in order
tenants-held = held since { $since }
tenants-failing = cannot be published since { $since }
tenants-silent = no longer read since { $since }
tenants-broken-off = last reading broken off
tenants-pages = Pages
tenants-earlier = Earlier
tenants-later = Later
