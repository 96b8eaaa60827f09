import './functions/parcels.js';
import './functions/shipments.js';
import './functions/sweep.js';
