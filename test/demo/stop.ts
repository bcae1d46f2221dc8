import { announce } from '../fleet/announce.ts';
import { stopDemoFleet } from './demo-fleet.ts';

const stopped = await stopDemoFleet();
announce(stopped === 0 ? 'the demo is not running' : 'the demo is stopped; npm start boots it again');
