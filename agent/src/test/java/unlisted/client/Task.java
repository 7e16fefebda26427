// SPDX-License-Identifier: Apache-2.0
package unlisted.client;

import java.net.ServerSocket;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** Work of a library: connects. */
public record Task(ServerSocket server) implements Runnable, Callable<Void>, Supplier<Void> {
  @Override
  public void run() {
    Client.connect(server);
  }

  @Override
  public Void call() {
    Client.connect(server);
    return null;
  }

  @Override
  public Void get() {
    Client.connect(server);
    return null;
  }

  /** Hands the work on, in a task of the library's. */
  public CompletableFuture<Void> handOn(Executor first, Executor second) {
    return CompletableFuture.supplyAsync(() -> this, first)
        .thenCompose(task -> CompletableFuture.runAsync(task, second));
  }
}
