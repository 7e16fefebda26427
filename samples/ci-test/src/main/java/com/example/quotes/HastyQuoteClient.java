// SPDX-License-Identifier: Apache-2.0
package com.example.quotes;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

/** Gives the same answers, so tests of those pass. But it opens a connection per request. */
public final class HastyQuoteClient {
  private final URI service;

  public HastyQuoteClient(URI service) {
    this.service = service;
  }

  public String quote(String symbol) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(service.resolve("/" + symbol)).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
  }
}
