// Case (f): @slack/bolt with better-sqlite3, which writes the same rows. node bolt.js PORT DATABASE
const { App } = require('@slack/bolt');
const { randomUUID } = require('node:crypto');
const [port, file] = process.argv.slice(2);
const db = require('better-sqlite3')(file, { timeout: 30000 });
for (const pragma of ['journal_mode=WAL', 'synchronous=FULL', 'foreign_keys=ON']) db.pragma(pragma);

const one = (sql) => db.prepare(sql);
const memberOf = one(`SELECT m.* FROM member m JOIN workspace w ON w.id = m.workspace_id
  WHERE w.external_id = ? AND m.external_id = ?`);
const workspaceOf = one('SELECT * FROM workspace WHERE external_id = ?');
const channelOf = one('SELECT * FROM channel WHERE workspace_id = ? AND external_id = ?');
const channelFor = one('SELECT * FROM channel WHERE workspace_id = ? AND purpose = ? ORDER BY id LIMIT 1');
const seen = one('INSERT INTO processedevent (dedupe_key, workspace_id, processed_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
const leadOf = one('SELECT * FROM lead WHERE workspace_id = ? AND key_folded = ?');
const openCase = one(`SELECT * FROM feedback_case WHERE workspace_id = ? AND code = ? AND coalesce(campaign_id, 0) = ?
  AND closed_at IS NULL`);
const addCase = one('INSERT INTO feedback_case (workspace_id, code, campaign_id, opened_at, posted_at) VALUES (?, ?, ?, ?, ?)');
const addClock = one(`INSERT INTO clock (workspace_id, kind, subject, subject_id, cycle, policy, started_at, is_void)
  VALUES (?, 'M1', 'case', ?, 1, '1d', ?, 0)`);
const addFeedback = one(`INSERT INTO feedback (workspace_id, case_id, lead_id, cycle, campaign_id, code, note, author_id, via,
  is_opinion, given_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'command', 0, ?)`);
const addEvent = one(`INSERT INTO lead_event (workspace_id, lead_id, cycle, kind, state, actor_id, via, at, feedback_id, replaced)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
const rejectLead = one("UPDATE lead SET state = 'REJECTED', reason = ?, closed_at = ? WHERE id = ?");
const stopClocks = one(`UPDATE clock SET stopped_at = ?, stopped_by = ? WHERE workspace_id = ? AND subject = 'lead'
  AND subject_id = ? AND stopped_at IS NULL`);
const cards = one(`SELECT * FROM outbox WHERE workspace_id = ? AND subject = ? AND subject_id = ? AND kind = 'post'
  AND subject IS NOT NULL`);
const queued = one(`SELECT id FROM outbox WHERE target_id = ? AND state IN ('NEW', 'BLOCKED', 'RETRY') AND kind = 'update'`);
const promise = one(`INSERT INTO outbox (id, workspace_id, channel_id, lane, kind, target_id, subject, subject_id, is_introduction,
  language, state, attempt, created_at, not_before) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 'en', 'NEW', 0, ?, 0)`);
const noteHeard = one('INSERT INTO heard_text (workspace_id, channel_id, ts, text, heard_at) VALUES (?, ?, ?, ?, ?)');
const nextNumber = one('UPDATE workspace SET lead_count = lead_count + 1 WHERE id = ? RETURNING lead_count');
const addLead = one(`INSERT INTO lead (workspace_id, key, key_folded, company, company_folded, source, contact, email, temperature,
  state, waits_for_channel, cycle, must_not_be_contacted, created_at, handed_off_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'standard', 'HANDED_OFF', 0, 1, 0, ?, ?)`);
const addOrigin = one('INSERT INTO lead_origin (workspace_id, origin, lead_id) VALUES (?, ?, ?)');

const id = () => randomUUID().replaceAll('-', '');
const post = (at, to, subject, subjectId) => promise.run(id(), to.workspace_id, to.id, `c${to.id}`, 'post', null, subject, subjectId, at);

function refresh(workspace, subject, subjectId, at) {
  for (const card of cards.all(workspace, subject, subjectId)) {
    if (['NEW', 'BLOCKED', 'RETRY'].includes(card.state) || queued.get(card.id)) continue;
    promise.run(id(), workspace, card.channel_id, card.lane, 'update', card.id, null, null, at);
  }
}

function caseOf(workspace, code, campaign, at) {
  const found = openCase.get(workspace, code, campaign ?? 0);
  if (found) return found.id;
  const made = addCase.run(workspace, code, campaign, at, at).lastInsertRowid;
  addClock.run(workspace, made, at);
  post(at, channelFor.get(workspace, 'marketing'), 'case', made);
  return made;
}

const logFeedback = db.transaction((body, at) => {
  const [, key, code, note] = /^(\S+) (\S+) (.*)$/.exec(body.text);
  const member = memberOf.get(body.team_id, body.user_id);
  const here = member.workspace_id;
  if (!seen.run(`slack:command:${body.trigger_id}`, here, at).changes) return null;
  const lead = leadOf.get(here, key.toLowerCase());
  const joined = caseOf(here, code, lead.campaign_id, at);
  const feedback = addFeedback.run(here, joined, lead.id, lead.cycle, lead.campaign_id, code, note, member.id, at).lastInsertRowid;
  const replaced = JSON.stringify({ state: lead.state, reason: lead.reason, closed_at: lead.closed_at });
  const event = addEvent.run(here, lead.id, lead.cycle, 'reject', 'REJECTED', member.id, 'command', at, feedback, replaced);
  rejectLead.run(code, at, lead.id);
  stopClocks.run(at, event.lastInsertRowid, here, lead.id);
  refresh(here, 'lead', lead.id, at);
  refresh(here, 'case', joined, at);
  return lead;
});

const takeLead = db.transaction((body, at) => {
  const { channel, ts, text } = body.event;
  const found = /^New lead: (.+)\nSource: (.+)\nContact: (.+)\nEmail: (.+)/.exec(text);
  const workspace = workspaceOf.get(body.team_id);
  if (!found || !seen.run(`slack:${body.event_id}`, workspace.id, at).changes) return;
  const [, company, source, contact, email] = found;
  const place = channelOf.get(workspace.id, channel);
  noteHeard.run(workspace.id, place.id, ts, text, at);
  const key = `L-${nextNumber.get(workspace.id).lead_count}`;
  const names = [key, key.toLowerCase(), company, company.toLowerCase(), source, contact, email];
  const lead = addLead.run(workspace.id, ...names, at, at).lastInsertRowid;
  addEvent.run(workspace.id, lead, 1, 'add', 'NEW', null, 'message', at, null, '{}');
  addEvent.run(workspace.id, lead, 1, 'hand_off', 'HANDED_OFF', null, 'message', at, null, '{}');
  addOrigin.run(workspace.id, `message:${channel}:${ts}`, lead);
  post(at, place, 'lead', lead);
});

const app = new App({
  signingSecret: 'bench-signing-secret', processBeforeResponse: true, logLevel: 'error',
  authorize: async () => ({ botToken: 'xoxb-bench', botId: 'B0PARLEY', botUserId: 'U0PARLEY' }),
});
const now = () => Date.now() * 1000;
app.command('/leadfeedback', async ({ ack, body }) => {
  const lead = logFeedback(body, now());
  const text = lead ? `Logged: outside the agreed customer profile (reject R8)\nAbout ${lead.key} · ${lead.company}` : 'Logged';
  await ack({ text, blocks: [{ type: 'section', text: { type: 'mrkdwn', text } }] });
});
app.event('message', async ({ event, body }) => {
  if (event.channel === 'C0LEADS') takeLead(body, now());
});
app.start({ port: Number(port), host: '127.0.0.1' });
