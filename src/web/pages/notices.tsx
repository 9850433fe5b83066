/** Pages that say or ask one thing. */
import type { FC } from 'hono/jsx';
import { Token } from '../view/components.js';
import { useTexts } from '../view/texts.js';

export const ErrorCard: FC<{ title: string; text: string }> = ({ title, text }) => (
  <section class="card">
    <h1>{title}</h1>
    <p>{text}</p>
    <div class="buttons">
      <a class="button primary" href="/">
        {useTexts().frame.startPage}
      </a>
    </div>
  </section>
);

/** What is asked before something is taken away. */
export interface Question {
  readonly title: string;
  readonly text: string;
  readonly button: string;
  /** The path that leads back. */
  readonly cancel: string;
}

export interface QuestionCardProps {
  readonly question: Question;
  readonly action: string;
  readonly token: string;
  /** Of the form that is sent again once it is confirmed. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly cancel: string;
}

export const QuestionCard: FC<QuestionCardProps> = ({ question, action, token, fields, cancel }) => (
  <section class="card">
    <h1>{question.title}</h1>
    <p>{question.text}</p>
    <form method="post" action={action} class="stack">
      <Token token={token} />
      <input type="hidden" name="confirmed" value="yes" />
      {fields.map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <div class="buttons">
        <button class="danger">{question.button}</button>
        <a class="button quiet" href={cancel}>
          {useTexts().form.cancel}
        </a>
      </div>
    </form>
  </section>
);
