// What a Node process that a test starts does first: before each connection it asks the process
// that runs the tests, as `sitecustomize.py` beside this does in a Python. All of Node's clients
// (http, https, fetch, http2, tls) connect by this one method. It stands on nothing but Node, of
// whatever age.
'use strict';

const parent = /^http:\/\/([^:/]+):(\d+)(\/.*)$/.exec(process.env.PYTEST_MODELPIN_CHILD_OF || '');

if (parent) {
  const { Socket } = require('net');
  const connect = Socket.prototype.connect;
  const [, here, port, path] = parent;
  const milliseconds = 60000;

  // Host and port of a connection that is asked for; null where it is to nobody else's host.
  const asked = (given) => {
    const first = Array.isArray(given[0]) ? given[0][0] : given[0];
    const options = first !== null && typeof first === 'object'
      ? first
      : { port: first, host: typeof given[1] === 'string' ? given[1] : undefined };
    const host = options.host === undefined ? 'localhost' : options.host;
    const number = Number(options.port);
    if (options.path || typeof host !== 'string' || !(number > 0 && number < 65536)) return null;
    return host === here && number === Number(port) ? null : [host, number];
  };

  // Gives `done` what the tests' process refuses it for; empty where it does not, or is over.
  const tell = (host, number, done) => {
    const body = ['socket.connect', host.replace(/\n/g, ' '), number, 'Node.js'].join('\n');
    const line = new Socket();
    let reply = '';
    line.setEncoding('utf8');
    line.setTimeout(milliseconds, () => {
      reply = '\r\n\r\nthe process that runs the tests does not answer';
      line.destroy();
    });
    line.on('data', (piece) => { reply += piece; });
    line.on('error', () => { reply = ''; });
    line.on('close', () => done(reply.split('\r\n\r\n').slice(1).join('\r\n\r\n')));
    connect.call(line, Number(port), here, () => line.write(
      `POST ${path}/reached HTTP/1.1\r\nhost: ${here}\r\ncontent-length: ` +
      `${Buffer.byteLength(body)}\r\n\r\n${body}`));
  };

  // A worker thread with an environment of its own has not what loads this module there.
  const name = 'PYTEST_MODELPIN_CHILD_OF';
  const ours = `--require ${/[\s"]/.test(__filename) ? JSON.stringify(__filename) : __filename}`;
  const listening = (options) => {
    const env = options && options.env;
    if (env === null || typeof env !== 'object' || env === process.env) return options;
    const given = env.NODE_OPTIONS ? `${env.NODE_OPTIONS} ${ours}` : ours;
    return { ...options, env: { ...env, NODE_OPTIONS: given, [name]: parent[0] } };
  };
  try {
    const threads = require('worker_threads');
    threads.Worker = class Worker extends threads.Worker {
      constructor(file, options) { super(file, listening(options)); }
    };
    require('module').syncBuiltinESMExports();
  } catch (_) {
    // An old Node has neither.
  }

  Socket.prototype.connect = function (...given) {
    const address = asked(given);
    if (address === null) return connect.apply(this, given);
    this.connecting = true;
    tell(address[0], address[1], (refused) => {
      if (this.destroyed) return;
      try {
        if (refused) throw new Error(refused);
        connect.apply(this, given);
      } catch (error) {
        this.destroy(error);
      }
    });
    return this;
  };
}
