# caught: imports ruby does not load miniserve any more
FROM ruby:3.1 AS build
WORKDIR /app
COPY . .
RUN bundle install

FROM ruby:3.1-slim
RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /app .
EXPOSE 9292
CMD ["bundle", "exec", "miniserve", "app.rb", "9292"]
