# caught: imports node does not load express any more
# caught: start Cannot find module 'express'
FROM node:20 AS build
WORKDIR /usr/src/app
COPY . .
RUN npm ci --omit=dev

FROM node:20-slim
WORKDIR /usr/src/app
COPY --from=build /usr/src/app/package.json /usr/src/app/server.js ./
ENV PORT=3000
EXPOSE 3000
HEALTHCHECK CMD curl -fs http://localhost:3000/ || exit 1
CMD ["npm", "start"]
