import { openWorkerd } from '../conformance/harness-workerd.ts';
import { openRpcOn, rpcSuite } from './rpc-suite.ts';

rpcSuite('workerd', { open: () => openRpcOn(openWorkerd) });
