import { useEffect, useRef, useState } from 'react';

import type { Turn } from '../../store/ariaConversation';
import { useConversation, useServices } from '../../store/services';
import { Button } from '../../ui/Button';
import { Icon } from '../../ui/Icon';
import { AriaAnswerView } from './AriaAnswerView';
import styles from './AriaPanel.module.css';
import { Composer } from './Composer';
import { ConversationList } from './ConversationList';

const OPENERS = [
  'What should I trade?',
  'Where can I sell ore?',
  'How good are your forecasts?',
  'What can you do?',
];

/** ARIA beside the page: what was said, what she proposes, and a line to say more. */
export function AriaPanel({ onClose }: { readonly onClose: () => void }) {
  const { conversation } = useServices();
  const { turns, waiting } = useConversation();
  const [listing, setListing] = useState(false);
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'end' });
  }, [turns.length, waiting]);
  return (
    <section className={styles.panel} aria-label="ARIA">
      <header className={styles.head}>
        <h2 className={styles.title}>ARIA</h2>
        <Button look="quiet" small aria-pressed={listing} onClick={() => setListing(!listing)}>
          Earlier
        </Button>
        <Button
          look="quiet"
          small
          disabled={turns.length === 0}
          onClick={() => {
            conversation.begin();
            setListing(false);
          }}
        >
          New
        </Button>
        <Button look="quiet" small aria-label="Close ARIA" onClick={onClose}>
          <Icon name="close" />
        </Button>
      </header>
      {listing ? (
        <ConversationList onOpened={() => setListing(false)} />
      ) : (
        <>
          {/* Focusable, so that the keyboard can scroll it. */}
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <div className={styles.log} role="log" aria-label="Conversation" tabIndex={0}>
            {turns.length === 0 && <Opening />}
            {turns.map((turn, index) => (
              <TurnView key={turn.id} turn={turn} latest={index === turns.length - 1} />
            ))}
            {waiting && <p className={styles.waiting}>ARIA is looking it up…</p>}
            <div ref={end} />
          </div>
          <Composer waiting={waiting} onSay={(text) => void conversation.say(text)} />
        </>
      )}
    </section>
  );
}

function Opening() {
  const { conversation } = useServices();
  return (
    <div className={styles.opening}>
      <p>
        Ask about prices, routes, forecasts, your ship or your rules. Every figure comes with its
        source. A trade you ask for waits for your word.
      </p>
      <Suggestions texts={OPENERS} onChoose={(text) => void conversation.say(text)} />
    </div>
  );
}

function TurnView({ turn, latest }: { readonly turn: Turn; readonly latest: boolean }) {
  const { conversation } = useServices();
  switch (turn.author) {
    case 'player':
    case 'aria':
      return (
        <p className={styles.turn} data-author={turn.author}>
          <span className={styles.spoken}>{turn.author === 'player' ? 'You: ' : 'ARIA: '}</span>
          {turn.text}
        </p>
      );
    case 'aria_now':
      return (
        <>
          <AriaAnswerView answer={turn.answer} />
          {latest && turn.answer.suggestions.length > 0 && (
            <Suggestions
              texts={turn.answer.suggestions}
              onChoose={(text) => void conversation.say(text)}
            />
          )}
        </>
      );
    case 'failure': {
      const { said } = turn;
      return (
        <div className={styles.turn} data-author="failure" role="alert">
          <p>{turn.text}</p>
          {latest && said !== null && (
            <Button small onClick={() => void conversation.say(said)}>
              Ask again
            </Button>
          )}
        </div>
      );
    }
  }
}

interface SuggestionsProps {
  readonly texts: readonly string[];
  readonly onChoose: (text: string) => void;
}

function Suggestions({ texts, onChoose }: SuggestionsProps) {
  return (
    <ul className={styles.suggestions} aria-label="Suggestions">
      {texts.map((text) => (
        <li key={text}>
          <button type="button" className={styles.suggestion} onClick={() => onChoose(text)}>
            {text}
          </button>
        </li>
      ))}
    </ul>
  );
}
