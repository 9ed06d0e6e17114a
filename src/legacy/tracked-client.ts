import { Client, type Dispatcher } from 'undici'

/** A handler that wants to know which connection its request goes out on. */
export interface ConnectionAware {
  connection: TrackedClient | undefined
}

/**
 * An undici client (one connection at a time, no pipelining) that counts the requests on its present connection. That tells
 * a request that died on a reused connection, where the server may have closed it unseen, from one that made PHP crash.
 */
export class TrackedClient extends Client {
  requestsOnConnection = 0

  constructor(origin: URL, options: Client.Options) {
    super(origin, options)
    this.on('connect', () => {
      this.requestsOnConnection = 0
    })
  }

  override dispatch(
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler & ConnectionAware,
  ): boolean {
    handler.connection = this
    return super.dispatch(options, handler)
  }
}
