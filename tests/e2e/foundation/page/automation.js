/** The trading automation: rules and status over REST, trades and status over the socket. */

const TRADES_SHOWN_MAX = 50;

export class Automation {
  constructor(connection, api) {
    this.connection = connection;
    this.api = api;
    this.rules = [];
    this.status = null;
    this.trades = [];
    connection.on("trading_signal", (data) => this.show(data));
  }

  /** It never connects by itself: the dashboard has to have signed in first. */
  async mount() {
    const rules = await this.read("/rules");
    this.rules = rules.map((rule) => ({ ...rule, label: rule.name.trim() }));
    this.status = await this.read("/status");
    this.render();
  }

  async createRule(rule) {
    const answer = await this.request("POST", "/rules", JSON.stringify(rule));
    if (!answer.ok) return { status: answer.status, body: await answer.json() };
    const stored = await answer.json();
    this.rules = [...this.rules, stored];
    return { status: answer.status, body: stored };
  }

  async toggleRule(id) {
    const answer = await this.request("POST", `/rules/${id}/toggle`);
    if (answer.ok) {
      this.rules = this.rules.map((rule) =>
        rule.id === id ? { ...rule, isActive: !rule.isActive } : rule,
      );
    }
    return answer.status;
  }

  async deleteRule(id) {
    const answer = await this.request("DELETE", `/rules/${id}`);
    if (answer.ok) this.rules = this.rules.filter((rule) => rule.id !== id);
    return answer.status;
  }

  /** Starts or stops everything: over REST first, then by the frame. */
  async setActive(active) {
    const answer = await this.request("POST", "/toggle", JSON.stringify({ active }));
    if (answer.ok) {
      await this.connection.send("trading_signal", {
        action: "toggle_automation",
        active,
        timestamp: new Date().toISOString(),
      });
    }
    return answer.status;
  }

  show(data) {
    if (data.type === "trade_executed") {
      const { trade } = data;
      const label = `${trade.type.toUpperCase()} ${trade.amount.toLocaleString()}`;
      this.trades = [{ ...trade, label }, ...this.trades].slice(0, TRADES_SHOWN_MAX);
    }
    if (data.type === "automation_update") {
      this.status = { ...this.status, ...data.status };
      this.render();
    }
  }

  /** What the status panel reads, so that a field that is missing crashes here as there. */
  render() {
    const { status } = this;
    this.panel = [
      status.isActive ? "ACTIVE" : "STOPPED",
      status.totalProfitToday.toLocaleString(),
      status.tradesExecuted.toLocaleString(),
      status.rulesActive.toLocaleString(),
      status.lastAction === null ? "" : status.lastAction.type.toUpperCase(),
    ];
  }

  async read(path) {
    const answer = await this.request("GET", path);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** Every request says that it brings JSON, also when its body is empty. */
  request(method, path, body) {
    return fetch(`${this.api}/api/v1/trading/automation${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${localStorage.getItem("auth_token")}`,
        "Content-Type": "application/json",
      },
      body,
    });
  }
}
