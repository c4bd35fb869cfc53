-- The trace file. This text is the single truth: it is compiled into the programs, a new trace is made by it,
-- and a reader compares the file with it. README.md beside it says each column's meaning, unit and source.
-- Raw counters are stored, rates are derived on reading. Times: _ns since an arbitrary start on the steady
-- clock of the recorder (mono) or since 1970 (wall); memory in KiB. NULL: the host did not tell.

CREATE TABLE run (
  run            INTEGER PRIMARY KEY,
  program        TEXT NOT NULL,
  version        TEXT NOT NULL,
  arguments      TEXT NOT NULL,
  label          TEXT,
  settings       TEXT,
  pid            INTEGER NOT NULL,
  uri            TEXT NOT NULL,
  host           TEXT,
  host_identity  TEXT,
  hypervisor     TEXT,
  library        TEXT,
  kernel         TEXT,
  cpu_model      TEXT,
  memory_kib     INTEGER,
  interval_ns    INTEGER NOT NULL,
  start_mono_ns  INTEGER NOT NULL,
  start_wall_ns  INTEGER NOT NULL,
  end_mono_ns    INTEGER,
  end_wall_ns    INTEGER,
  exit_reason    TEXT,
  continues      TEXT
) STRICT;

CREATE TABLE pcpu (
  run    INTEGER NOT NULL REFERENCES run,
  pcpu   INTEGER NOT NULL,
  node   INTEGER,
  socket INTEGER,
  core   INTEGER,
  llc    INTEGER,
  PRIMARY KEY (run, pcpu)
) STRICT, WITHOUT ROWID;

CREATE TABLE guest (
  guest INTEGER PRIMARY KEY,
  uuid  TEXT NOT NULL,
  name  TEXT NOT NULL,
  UNIQUE (uuid, name)
) STRICT;

CREATE TABLE vcpu (
  vcpu   INTEGER PRIMARY KEY,
  guest  INTEGER NOT NULL REFERENCES guest,
  number INTEGER NOT NULL,
  UNIQUE (guest, number)
) STRICT;

CREATE TABLE cpus (
  cpus INTEGER PRIMARY KEY,
  list TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE code (
  kind TEXT NOT NULL,
  code INTEGER NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (kind, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE tick (
  tick        INTEGER PRIMARY KEY,
  run         INTEGER NOT NULL REFERENCES run,
  number      INTEGER NOT NULL,
  begin_ns    INTEGER NOT NULL,
  sample_ns   INTEGER NOT NULL,
  decide_ns   INTEGER,
  self_cpu_ns INTEGER NOT NULL,
  usable      INTEGER NOT NULL REFERENCES cpus
) STRICT;

CREATE TABLE pcpu_sample (
  tick      INTEGER NOT NULL,
  pcpu      INTEGER NOT NULL,
  user_ns   INTEGER NOT NULL,
  kernel_ns INTEGER NOT NULL,
  iowait_ns INTEGER NOT NULL,
  idle_ns   INTEGER NOT NULL,
  PRIMARY KEY (tick, pcpu)
) STRICT, WITHOUT ROWID;

CREATE TABLE vcpu_sample (
  tick     INTEGER NOT NULL,
  vcpu     INTEGER NOT NULL,
  run_ns   INTEGER NOT NULL,
  delay_ns INTEGER,
  pcpu     INTEGER,
  affinity INTEGER NOT NULL,
  PRIMARY KEY (tick, vcpu)
) STRICT, WITHOUT ROWID;

CREATE TABLE guest_sample (
  tick            INTEGER NOT NULL,
  guest           INTEGER NOT NULL,
  state           INTEGER NOT NULL,
  instance        INTEGER NOT NULL,
  user_pins       INTEGER NOT NULL,
  actual_kib      INTEGER,
  maximum_kib     INTEGER,
  unused_kib      INTEGER,
  available_kib   INTEGER,
  usable_kib      INTEGER,
  disk_caches_kib INTEGER,
  swap_in_kib     INTEGER,
  swap_out_kib    INTEGER,
  major_faults    INTEGER,
  minor_faults    INTEGER,
  rss_kib         INTEGER,
  updated_s       INTEGER,
  period_s        INTEGER,
  balloon         INTEGER,
  busy            INTEGER,
  reboots         INTEGER,
  PRIMARY KEY (tick, guest)
) STRICT, WITHOUT ROWID;

CREATE TABLE host_sample (
  tick          INTEGER PRIMARY KEY,
  total_kib     INTEGER,
  free_kib      INTEGER,
  available_kib INTEGER,
  cached_kib    INTEGER
) STRICT;

CREATE TABLE decision (
  tick         INTEGER PRIMARY KEY,
  verdict      INTEGER NOT NULL,
  spread_ppm   INTEGER,
  noise_ppm    INTEGER,
  predicted_ppm INTEGER,
  exact        INTEGER NOT NULL,
  reason       TEXT
) STRICT;

CREATE TABLE host_plan (
  tick        INTEGER PRIMARY KEY,
  reserve_kib INTEGER,
  pool_kib    INTEGER,
  spare_kib   INTEGER,
  is_short    INTEGER NOT NULL
) STRICT;

CREATE TABLE guest_plan (
  tick       INTEGER NOT NULL,
  guest      INTEGER NOT NULL,
  state      INTEGER NOT NULL,
  low_kib    INTEGER,
  high_kib   INTEGER,
  floor_kib  INTEGER,
  target_kib INTEGER,
  PRIMARY KEY (tick, guest)
) STRICT, WITHOUT ROWID;

CREATE TABLE action (
  action      INTEGER PRIMARY KEY,
  tick        INTEGER,
  run         INTEGER NOT NULL REFERENCES run,
  mono_ns     INTEGER NOT NULL,
  kind        INTEGER NOT NULL,
  guest       INTEGER NOT NULL REFERENCES guest,
  vcpu        INTEGER,
  old         INTEGER,
  new         INTEGER,
  reason      TEXT NOT NULL,
  result      INTEGER NOT NULL,
  duration_ns INTEGER,
  detail      TEXT
) STRICT;

CREATE TABLE event (
  event   INTEGER PRIMARY KEY,
  run     INTEGER NOT NULL REFERENCES run,
  mono_ns INTEGER NOT NULL,
  kind    TEXT NOT NULL,
  text    TEXT NOT NULL
) STRICT;

CREATE TABLE stat (
  run      INTEGER NOT NULL REFERENCES run,
  name     TEXT NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'data_loss')),
  value    INTEGER NOT NULL,
  PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;

-- Views for people; the programs do not read them.

CREATE VIEW v_runs AS
SELECT run, program, label, arguments,
       datetime(start_wall_ns / 1000000000, 'unixepoch') AS started_utc,
       (end_mono_ns - start_mono_ns) / 1e9 AS seconds,
       (SELECT count(*) FROM tick WHERE tick.run = run.run) AS ticks,
       (SELECT count(*) FROM action WHERE action.run = run.run) AS actions,
       coalesce(exit_reason, 'not closed') AS ended
FROM run;

CREATE VIEW v_pcpu_util AS
SELECT t.run, t.tick, (t.begin_ns - r.start_mono_ns) / 1e9 AS seconds, s.pcpu,
       round(100.0 * (s.user_ns + s.kernel_ns - p.user_ns - p.kernel_ns)
             / nullif(s.user_ns + s.kernel_ns + s.iowait_ns + s.idle_ns
                      - p.user_ns - p.kernel_ns - p.iowait_ns - p.idle_ns, 0), 2) AS busy_pct
FROM pcpu_sample s
JOIN tick t USING (tick)
JOIN run r USING (run)
JOIN tick t0 ON t0.tick = (SELECT max(tick) FROM tick WHERE tick < t.tick AND run = t.run)
JOIN pcpu_sample p ON p.tick = t0.tick AND p.pcpu = s.pcpu;

CREATE VIEW v_vcpu_util AS
SELECT t.run, t.tick, (t.begin_ns - r.start_mono_ns) / 1e9 AS seconds,
       g.name AS guest, v.number AS vcpu, s.pcpu, c.list AS affinity,
       round(100.0 * (s.run_ns - p.run_ns)
             / (t.begin_ns + t.sample_ns / 2 - t0.begin_ns - t0.sample_ns / 2), 2) AS run_pct,
       round(100.0 * (s.delay_ns - p.delay_ns)
             / (t.begin_ns + t.sample_ns / 2 - t0.begin_ns - t0.sample_ns / 2), 2) AS delay_pct
FROM vcpu_sample s
JOIN tick t USING (tick)
JOIN run r USING (run)
JOIN tick t0 ON t0.tick = (SELECT max(tick) FROM tick WHERE tick < t.tick AND run = t.run)
JOIN vcpu_sample p ON p.tick = t0.tick AND p.vcpu = s.vcpu
JOIN vcpu v ON v.vcpu = s.vcpu
JOIN guest g ON g.guest = v.guest
JOIN cpus c ON c.cpus = s.affinity
WHERE s.run_ns >= p.run_ns;

CREATE VIEW v_memory AS
SELECT t.run, t.tick, (t.begin_ns - r.start_mono_ns) / 1e9 AS seconds, g.name AS guest,
       actual_kib / 1024 AS actual_mib, maximum_kib / 1024 AS maximum_mib,
       unused_kib / 1024 AS unused_mib, usable_kib / 1024 AS usable_mib,
       (available_kib - usable_kib) / 1024 AS used_mib, rss_kib / 1024 AS rss_mib,
       c.name AS state, low_kib / 1024 AS low_mib, high_kib / 1024 AS high_mib,
       floor_kib / 1024 AS floor_mib, target_kib / 1024 AS target_mib
FROM guest_sample s
JOIN tick t USING (tick)
JOIN run r USING (run)
JOIN guest g ON g.guest = s.guest
LEFT JOIN guest_plan p ON p.tick = s.tick AND p.guest = s.guest
LEFT JOIN code c ON c.kind = 'memory_state' AND c.code = p.state
WHERE coalesce(actual_kib, unused_kib, usable_kib, rss_kib) IS NOT NULL;

CREATE VIEW v_actions AS
SELECT a.run, a.tick, (a.mono_ns - r.start_mono_ns) / 1e9 AS seconds,
       k.name AS kind, g.name AS guest, v.number AS vcpu,
       CASE k.name WHEN 'pin' THEN o.list WHEN 'restore' THEN o.list
                   WHEN 'period' THEN a.old || ' s' ELSE (a.old / 1024) || ' MiB' END AS old,
       CASE k.name WHEN 'pin' THEN n.list WHEN 'restore' THEN n.list
                   WHEN 'period' THEN a.new || ' s' ELSE (a.new / 1024) || ' MiB' END AS new,
       a.reason, x.name AS result, a.detail,
       a.duration_ns / 1000 AS duration_us
FROM action a
JOIN run r USING (run)
JOIN guest g ON g.guest = a.guest
LEFT JOIN vcpu v ON v.vcpu = a.vcpu
LEFT JOIN cpus o ON o.cpus = a.old
LEFT JOIN cpus n ON n.cpus = a.new
JOIN code k ON k.kind = 'action' AND k.code = a.kind
JOIN code x ON x.kind = 'result' AND x.code = a.result;
