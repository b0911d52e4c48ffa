const ms = require("ms");

exports.long = (days) => ms(`${days} days`);
