/** The market dashboard: prices, predictions, signals. It renders whatever comes. */

const COMMODITY = /^[a-zA-Z0-9_-]{1,50}$/;
const PREDICTIONS_TIMEOUT_MS = 10_000;
const EXPLANATION_LENGTH_MAX = 2_000;
const NOTIFIED_PRIORITY_MIN = 4;

export const COMMODITIES = ["organics", "equipment", "energy", "technology", "luxury", "minerals"];

export class Dashboard {
  constructor(connection, journal) {
    this.connection = connection;
    this.journal = journal;
    this.prices = {};
    this.predictions = {};
    this.pulses = 0;
    connection.on("market_update", (data) => this.showPrice(data));
    connection.on("universe_pulse", () => (this.pulses += 1));
    connection.on("trading_signal", (data) => this.showSignal(data));
  }

  async mount() {
    await this.connection.connect();
    await this.subscribe(COMMODITIES);
  }

  async subscribe(commodities) {
    await this.connection.send("market_update", {
      type: "subscribe",
      channel: "market_data",
      commodities,
      real_time: true,
    });
    await this.connection.send("universe_pulse", {
      type: "subscribe",
      channel: "universe_activity",
      privacy_level: "anonymized",
      update_frequency: "real_time",
    });
    await this.connection.send("trading_signal", {
      type: "subscribe",
      channel: "trading_signals",
      ai_enabled: true,
      risk_preference: "moderate",
    });
  }

  /** Asks for predictions; the answer is the next response, as none names its request. */
  getPredictions(commodities, timeframe = "24h") {
    return new Promise((resolve, reject) => {
      const take = (data) => {
        if (data.action !== "predictions_response") return;
        clearTimeout(timeout);
        this.connection.off("market_update", take);
        resolve(data.predictions);
      };
      const timeout = setTimeout(() => {
        this.connection.off("market_update", take);
        reject(new Error("no predictions within 10 s"));
      }, PREDICTIONS_TIMEOUT_MS);
      this.connection.on("market_update", take);
      this.connection.send("market_update", { action: "get_predictions", commodities, timeframe });
    });
  }

  /** The screen of one commodity reads the first prediction, whatever it is of. */
  async choose(commodity) {
    const predictions = await this.getPredictions([commodity]);
    this.showPrediction(predictions[0]);
  }

  trade(command) {
    return this.connection.send("trading_signal", {
      action: "execute_trade",
      command,
      timestamp: new Date().toISOString(),
    });
  }

  showPrice(data) {
    if (!data.price) return;
    if (!COMMODITY.test(data.commodity)) {
      this.journal.fault("logged", `commodity ${JSON.stringify(data.commodity)}`);
      return;
    }
    this.prices[data.commodity] = {
      price: data.price.toFixed(2),
      volume: data.volume.toLocaleString(),
      predicted: data.predicted_price?.toFixed(2),
      confidence: data.confidence && Math.round(data.confidence * 100),
    };
  }

  showPrediction(prediction) {
    const explanation = prediction.aiExplanation.replace(/[<>"'&]/g, "");
    this.predictions[prediction.commodity] = {
      current: prediction.currentPrice.toFixed(2),
      predicted: prediction.predictedPrice.toFixed(2),
      confidence: `${Math.round(prediction.confidence * 100)} %`,
      horizon: prediction.timeHorizon,
      risk: prediction.riskLevel.toUpperCase(),
      explanation: explanation.slice(0, EXPLANATION_LENGTH_MAX),
      at: new Date(prediction.timestamp).toLocaleTimeString(),
    };
  }

  showSignal(data) {
    if (data.commodity) this.showPrediction(data);
    if (data.priority >= NOTIFIED_PRIORITY_MIN) {
      this.journal.notifications.push(`${data.title}: ${data.expected_outcome.value}`);
    }
  }
}
