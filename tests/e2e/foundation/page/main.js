/** The page: `?server=http://HOST:PORT` names a server of another origin than the page's own. */

import { Automation } from "./automation.js";
import { Connection } from "./connection.js";
import { Dashboard } from "./dashboard.js";
import { seal } from "./envelope.js";
import { Journal } from "./journal.js";

const server = new URLSearchParams(location.search).get("server") ?? location.origin;
const journal = new Journal();
const connection = new Connection(`${server.replace(/^http/, "ws")}/ws/realtime`, journal);

window.foundation = {
  journal,
  connection,
  dashboard: new Dashboard(connection, journal),
  automation: new Automation(connection, server),
  seal,
};
