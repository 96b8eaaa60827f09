import { openNode } from '../conformance/harness-node.ts';
import { openRpcOn, rpcSuite } from './rpc-suite.ts';

rpcSuite('Node', { open: () => openRpcOn(openNode) });
