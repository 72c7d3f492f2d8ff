import { type ChartOptions, ColorType, CrosshairMode, type DeepPartial } from 'lightweight-charts';

export interface ChartColours {
  readonly up: string;
  readonly down: string;
  /** Of candles that were simulated before the universe's birth. */
  readonly upDim: string;
  readonly downDim: string;
  readonly forecast: string;
  /** Of the bounds that the price keeps within with a stated probability. */
  readonly bound: string;
  readonly volume: string;
  readonly text: string;
  readonly line: string;
  readonly cross: string;
  readonly label: string;
  readonly font: string;
}

/** Read the design tokens that hold at an element: a canvas cannot use them by itself. */
export function chartColours(element: Element): ChartColours {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(name).trim();
  return {
    up: token('--up'),
    down: token('--down'),
    upDim: token('--up-dim'),
    downDim: token('--down-dim'),
    forecast: token('--accent'),
    bound: token('--accent-dim'),
    volume: token('--surface-control-hover'),
    text: token('--text-quiet'),
    line: token('--line'),
    cross: token('--line-strong'),
    label: token('--surface-control'),
    font: token('--font'),
  };
}

/**
 * Options of every chart. The library's logo would bring an inline style, which the page's
 * content security policy forbids; its attribution is in the page's About dialog instead.
 */
export function chartOptions(colours: ChartColours): DeepPartial<ChartOptions> {
  const crosshairLine = { color: colours.cross, labelBackgroundColor: colours.label };
  return {
    autoSize: true,
    layout: {
      background: { type: ColorType.Solid, color: 'transparent' },
      textColor: colours.text,
      fontFamily: colours.font,
      fontSize: 11,
      attributionLogo: false,
    },
    localization: { dateFormat: 'dd MMM yyyy' },
    grid: { vertLines: { color: colours.line }, horzLines: { color: colours.line } },
    crosshair: { mode: CrosshairMode.Normal, vertLine: crosshairLine, horzLine: crosshairLine },
    rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.08, bottom: 0.2 } },
    timeScale: { borderVisible: false, timeVisible: true, secondsVisible: false, rightOffset: 4 },
  };
}
