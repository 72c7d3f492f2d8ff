import './ui/base.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { App } from './app/App';
import { InsecureAddress } from './app/InsecureAddress';
import { createServices } from './app/services';
import { canSign } from './protocol/signing';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

createRoot(root).render(<StrictMode>{canSign() ? started() : <InsecureAddress />}</StrictMode>);

function started() {
  const services = createServices();
  void services.session.restore();
  return <App services={services} />;
}
