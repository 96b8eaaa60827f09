import './functions/hello.js';
import './functions/tick.js';
