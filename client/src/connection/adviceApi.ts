import * as v from 'valibot';

import { Alerts, PriceAlert, type PriceAlertDraft, Recommendations } from '../protocol/advice';
import { ForecastPerformance, PriceForecasts } from '../protocol/forecast';
import { sendAs, type TokenSource } from './http';

/** The endpoints of forecasts, recommendations and alerts. Every method may throw as `sendAs`. */
export class AdviceApi {
  constructor(private readonly tokens: TokenSource) {}

  /** Read the forecasts of all goods over all horizons. */
  forecasts(): Promise<v.InferOutput<typeof PriceForecasts>> {
    return sendAs(this.tokens, { method: 'GET', path: '/ai/predictions', answer: PriceForecasts });
  }

  performance(): Promise<ForecastPerformance> {
    const path = '/ai/performance';
    return sendAs(this.tokens, { method: 'GET', path, answer: ForecastPerformance });
  }

  recommendations(): Promise<Recommendations> {
    const path = '/ai/recommendations';
    return sendAs(this.tokens, { method: 'GET', path, answer: Recommendations });
  }

  alerts(): Promise<Alerts> {
    return sendAs(this.tokens, { method: 'GET', path: '/alerts', answer: Alerts });
  }

  setAlert(alert: PriceAlertDraft): Promise<PriceAlert> {
    const { port_id, ...rest } = alert;
    const body = { ...rest, ...(port_id !== null && { port_id }) };
    return sendAs(this.tokens, { method: 'POST', path: '/alerts', body, answer: PriceAlert });
  }

  deleteAlert(alertId: string): Promise<unknown> {
    const path = `/alerts/${encodeURIComponent(alertId)}`;
    return sendAs(this.tokens, { method: 'DELETE', path, answer: v.unknown() });
  }
}
