import './ui/base.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { App } from './app/App';
import { createServices } from './app/services';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

const services = createServices();
void services.session.restore();

createRoot(root).render(
  <StrictMode>
    <App services={services} />
  </StrictMode>,
);
