// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.io.InputStream;
import java.lang.StackWalker.StackFrame;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import unlisted.client.Task;

/**
 * Hands a library's work to executors, whose threads something else has started. Prints what each
 * socket's opener must be, in the order in which they are opened.
 */
public final class Submits {
  /** The application can't tell that its task was submitted: these must be the same objects. */
  private static final class Watching extends ThreadPoolExecutor {
    private Object given;

    Watching() {
      super(0, 1, 1, TimeUnit.MINUTES, new SynchronousQueue<>());
    }

    @Override
    protected void beforeExecute(Thread thread, Runnable task) {
      if (task != given) {
        throw new IllegalStateException("not the task that was submitted");
      }
    }
  }

  private static final Semaphore SERVED = new Semaphore(0);

  /** Connections before the periodic task. */
  private static final int SO_FAR = 7;

  private static ServerSocket server;

  private Submits() {}

  public static void main(String[] args) throws Exception {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread accepting = new Thread(Submits::serve, "serving");
    accepting.setDaemon(true);
    accepting.start();
    threadPool();
    scheduled();
    forkJoin();
    completableFuture();
    handedOn();
    virtualThreads();
    netty();
    httpClient();
    okHttp();
    System.exit(0);
  }

  private static void serve() {
    byte[] answer =
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII);
    while (true) {
      try (var socket = server.accept()) {
        if (socket.getInputStream().read() == 'G') {
          while (!endsRequest(socket.getInputStream())) {
            // the next line
          }
          socket.getOutputStream().write(answer);
        }
        SERVED.release();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static boolean endsRequest(InputStream in) throws IOException {
    int length = 0;
    for (int c = in.read(); c != '\n' && c >= 0; c = in.read()) {
      length += c == '\r' ? 0 : 1;
    }
    return length == 0;
  }

  /** To be called on the line that submits. */
  private static <T> T here(String what, T passed) {
    StackFrame caller =
        StackWalker.getInstance().walk(frames -> frames.skip(1).findFirst().orElseThrow());
    System.out.println(
        what
            + "|"
            + caller.getClassName()
            + "."
            + caller.getMethodName()
            + ":"
            + caller.getLineNumber());
    return passed;
  }

  private static Task task() {
    return new Task(server);
  }

  private static void threadPool() throws Exception {
    ExecutorService pool = Executors.newSingleThreadExecutor();
    pool.submit(() -> {}).get(); // starts the thread
    pool.submit(here("submit", (Runnable) task())).get();
    pool.submit(here("submit a callable", (Callable<Void>) task())).get();
    CountDownLatch run = new CountDownLatch(1);
    pool.execute(here("execute", task()));
    pool.execute(run::countDown);
    run.await();
    Task again = task();
    pool.execute(here("the same task", again));
    pool.submit(() -> {}).get();
    pool.execute(here("the same task, elsewhere", again));
    pool.submit(() -> {}).get();
    pool.shutdown();
    Watching watching = new Watching();
    watching.given = task();
    watching.execute(here("a pool of the application", (Runnable) watching.given));
    watching.shutdown();
    watching.awaitTermination(10, TimeUnit.SECONDS);
  }

  private static void scheduled() throws Exception {
    ScheduledExecutorService pool = Executors.newScheduledThreadPool(1);
    pool.submit(() -> {}).get();
    pool.schedule(here("schedule", (Runnable) task()), 1, TimeUnit.NANOSECONDS).get();
    SERVED.acquire(SO_FAR);
    TimeUnit ms = TimeUnit.MILLISECONDS;
    Future<?> periodic = pool.scheduleWithFixedDelay(here("periodic", task()), 1, 1_000, ms);
    SERVED.acquire(2);
    periodic.cancel(false);
    pool.shutdown();
    pool.awaitTermination(10, TimeUnit.SECONDS);
  }

  private static void forkJoin() throws Exception {
    ForkJoinPool pool = new ForkJoinPool(1);
    pool.submit(() -> {}).get();
    pool.submit(here("ForkJoinPool.submit", (Runnable) task())).get();
    CountDownLatch run = new CountDownLatch(1);
    pool.execute(here("ForkJoinPool.execute", (Runnable) task()));
    pool.execute(run::countDown);
    run.await();
    pool.shutdown();
  }

  private static void completableFuture() throws Exception {
    CompletableFuture.supplyAsync(() -> 1).get();
    CompletableFuture.supplyAsync(here("supplyAsync", task())).get();
    CompletableFuture<Void> first = new CompletableFuture<>();
    CompletableFuture<Void> then = first.thenRunAsync(task());
    first.complete(here("completed", null));
    then.get();
  }

  private static void handedOn() throws Exception {
    ExecutorService one = Executors.newSingleThreadExecutor();
    ExecutorService other = Executors.newSingleThreadExecutor();
    one.submit(() -> {}).get();
    other.submit(() -> {}).get();
    task().handOn(here("handed on", one), other).get();
    one.shutdown();
    other.shutdown();
  }

  private static void virtualThreads() throws Exception {
    if (Runtime.version().feature() < 21) {
      return;
    }
    Method make = Executors.class.getMethod("newVirtualThreadPerTaskExecutor");
    ExecutorService threads = (ExecutorService) make.invoke(null);
    threads.submit(here("virtual", (Runnable) task())).get();
    threads.shutdown();
  }

  private static void netty() throws Exception {
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    group.submit(() -> {}).get();
    group.submit(here("Netty", (Runnable) task())).get();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).get();
  }

  private static void httpClient() throws Exception {
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    URI uri = URI.create("http://127.0.0.1:" + server.getLocalPort() + "/");
    HttpRequest request = HttpRequest.newBuilder(uri).build();
    for (int i = 0; i < 2; i++) { // the second has a thread already
      HttpResponse.BodyHandler<Void> handler = HttpResponse.BodyHandlers.discarding();
      client.sendAsync(here("sendAsync", request), handler).get();
    }
  }

  private static void okHttp() throws Exception {
    OkHttpClient client = new OkHttpClient();
    Request request =
        new Request.Builder().url("http://127.0.0.1:" + server.getLocalPort() + "/").build();
    for (int i = 0; i < 2; i++) {
      CompletableFuture<Void> done = new CompletableFuture<>();
      client.newCall(here("enqueue", request)).enqueue(new Done(done));
      done.get();
    }
    client.dispatcher().executorService().shutdown();
  }

  private record Done(CompletableFuture<Void> done) implements Callback {
    @Override
    public void onFailure(Call call, IOException e) {
      done.completeExceptionally(e);
    }

    @Override
    public void onResponse(Call call, Response response) {
      response.close();
      done.complete(null);
    }
  }
}
