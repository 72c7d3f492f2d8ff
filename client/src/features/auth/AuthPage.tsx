import { type SubmitEvent, useRef, useState } from 'react';
import { Link } from 'wouter';

import { ApiProblem, explain } from '../../connection/problem';
import { useServices, useSessionStatus } from '../../store/services';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/Field';
import { useDocumentTitle } from '../../ui/PageTitle';
import styles from './AuthPage.module.css';
import { GalaxyFacts } from './GalaxyFacts';
import { StarLattice } from './StarLattice';

const USERNAME = /^[A-Za-z0-9_-]{3,32}$/;
const PASSWORD_MIN = 8;

type Errors = Readonly<Record<string, string>>;

interface AuthPageProps {
  readonly mode: 'sign_in' | 'register';
}

/** Signing in, and registering a new pilot. */
export function AuthPage({ mode }: AuthPageProps) {
  const session = useSessionStatus();
  const registering = mode === 'register';
  const title = registering ? 'Register a pilot' : 'Sign in';
  useDocumentTitle(title);
  const ended = session.status === 'signed_out' && session.ended;
  return (
    <main className={styles.page}>
      <section className={styles.scene}>
        <StarLattice />
        <div className={styles.claim}>
          <p className={styles.brand}>Sectorwars 2102</p>
          <p className={styles.line}>Trade a living galaxy.</p>
          <p className={styles.text}>
            Every price follows the stock of a port, every unit you move is felt there, and every
            trade is on record before you see it.
          </p>
          <GalaxyFacts />
        </div>
      </section>
      <section className={styles.side}>
        <div className={styles.card}>
          <h1 className={styles.title}>{title}</h1>
          {ended && (
            <p className={styles.notice} role="status">
              Your session ended. Sign in to go on; nothing you own was touched.
            </p>
          )}
          <AuthForm key={mode} registering={registering} />
          <p className={styles.switch}>
            {registering ? 'Already a pilot? ' : 'New here? '}
            <Link href={registering ? '/sign-in' : '/register'}>
              {registering ? 'Sign in' : 'Register a pilot'}
            </Link>
          </p>
        </div>
      </section>
    </main>
  );
}

function AuthForm({ registering }: { readonly registering: boolean }) {
  const { session } = useServices();
  const form = useRef<HTMLFormElement>(null);
  const [errors, setErrors] = useState<Errors>({});
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const entries = new FormData(event.currentTarget);
    const username = textOf(entries, 'username').trim();
    const password = textOf(entries, 'password');
    const email = textOf(entries, 'email').trim();
    setFailure(null);
    const faults = registering
      ? registrationFaults(username, password)
      : missingFields(username, password);
    if (show(faults)) return;
    setBusy(true);
    try {
      await (registering
        ? session.register(username, password, email === '' ? null : email)
        : session.signIn(username, password));
    } catch (error) {
      setBusy(false);
      const fields = error instanceof ApiProblem ? error.fields : {};
      if (!show(fields)) setFailure(explain(error));
    }
  }

  /** Show errors at their fields and go to the first; false where there are none. */
  function show(found: Errors): boolean {
    setErrors(found);
    const first = ['username', 'email', 'password'].find((name) => name in found);
    if (first === undefined) return false;
    const input = form.current?.elements.namedItem(first);
    if (input instanceof HTMLInputElement) input.focus();
    return true;
  }

  return (
    <form
      ref={form}
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        void submit(event);
      }}
    >
      <Field
        label="Pilot name"
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        error={errors.username}
      />
      {registering && (
        <Field
          label="Email"
          aside="optional"
          name="email"
          type="email"
          autoComplete="email"
          error={errors.email}
        />
      )}
      <PasswordField registering={registering} error={errors.password} />
      {failure !== null && (
        <p className={styles.failure} role="alert">
          {failure}
        </p>
      )}
      <Button type="submit" look="primary" wide busy={busy}>
        {registering ? (busy ? 'Registering…' : 'Register') : busy ? 'Signing in…' : 'Sign in'}
      </Button>
    </form>
  );
}

interface PasswordFieldProps {
  readonly registering: boolean;
  readonly error: string | undefined;
}

function PasswordField({ registering, error }: PasswordFieldProps) {
  const [shown, setShown] = useState(false);
  return (
    <Field
      label="Password"
      name="password"
      type={shown ? 'text' : 'password'}
      autoComplete={registering ? 'new-password' : 'current-password'}
      required
      error={error}
      hint={registering ? 'A long phrase is better than a short riddle.' : undefined}
      suffix={
        <button
          type="button"
          className={styles.reveal}
          aria-pressed={shown}
          aria-label="Show password"
          onClick={() => setShown(!shown)}
        >
          {shown ? 'Hide' : 'Show'}
        </button>
      }
    />
  );
}

function textOf(entries: FormData, name: string): string {
  const value = entries.get(name);
  return typeof value === 'string' ? value : '';
}

function missingFields(username: string, password: string): Errors {
  return {
    ...(username === '' && { username: 'Enter your pilot name.' }),
    ...(password === '' && { password: 'Enter your password.' }),
  };
}

/** The server's own rules, said before it has to. */
function registrationFaults(username: string, password: string): Errors {
  const missing = missingFields(username, password);
  return {
    ...(!USERNAME.test(username) && { username: 'Use 3 to 32 letters, digits, - or _.' }),
    ...(password.length < PASSWORD_MIN && { password: `Use ${PASSWORD_MIN} characters or more.` }),
    ...missing,
  };
}
